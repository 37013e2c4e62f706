import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Autostart } from '../../contracts/workspaces/autostart.ts';
import type { AutostartWake, StopWake } from '../../contracts/workspaces/workflows.ts';
import type { Scheduler } from '../../core/ports/scheduler.ts';

export interface FiredAutostart {
  at: Date;
  wake: AutostartWake;
}

interface OpenScheduler {
  scheduler: Scheduler;
  /** A future time. A step is long enough for the adapter to distinguish two times. */
  soon(steps: number): Date;
  /** Returns the stops that fired until then, in order. */
  firedBy(at: Date): Promise<StopWake[]>;
  /** Runs `act` at `from`, and returns the autostarts that fire from then until `until`, in order. */
  autostartsBetween(from: Date, until: Date, act: () => Promise<void>): Promise<FiredAutostart[]>;
  close(): Promise<void>;
}

/** The contract of every adapter of the scheduler port. */
export const schedulerContract = (name: string, open: () => Promise<OpenScheduler>): void => {
  describe(`scheduler contract: ${name}`, () => {
    let opened: OpenScheduler;
    let scheduler: Scheduler;
    beforeAll(async () => {
      opened = await open();
      scheduler = opened.scheduler;
    });
    afterAll(() => opened?.close());

    const given = () => {
      const workspaceId = `ws-${randomUUID().slice(0, 26)}`;
      const put = (at: Date, run: string) => scheduler.put(workspaceId, at, { workspaceId, buildId: run });
      const fired = async (steps: number) =>
        (await opened.firedBy(opened.soon(steps))).filter((wake) => wake.workspaceId === workspaceId);
      return { workspaceId, put, fired, remove: () => scheduler.remove(workspaceId) };
    };

    it('a schedule fires once, with its payload', async () => {
      const { workspaceId, put, fired } = given();
      await put(opened.soon(1), 'run');
      expect(await fired(2)).toEqual([{ workspaceId, buildId: 'run' }]);
    });

    it('a schedule in the past fires immediately', async () => {
      const { put, fired } = given();
      await put(new Date(Date.now() - 3_600_000), 'past');
      expect(await fired(1)).toHaveLength(1);
    });

    it('the same ID replaces a schedule with an earlier or later one', async () => {
      const { put, fired } = given();
      await put(opened.soon(2), 'first');
      await put(opened.soon(1), 'nearer');
      expect((await fired(3)).map(({ buildId }) => buildId)).toEqual(['nearer']);
      await put(opened.soon(1), 'second');
      await put(opened.soon(2), 'further');
      expect((await fired(3)).map(({ buildId }) => buildId)).toEqual(['further']);
    });

    it('a removed schedule does not fire; removing an absent or fired one does nothing', async () => {
      const { put, remove, fired } = given();
      await remove();
      await put(opened.soon(1), 'removed');
      await remove();
      expect(await fired(2)).toEqual([]);
      await put(opened.soon(1), 'fires');
      expect(await fired(2)).toHaveLength(1);
      await remove();
    });

    it('concurrent puts of one ID leave one schedule', async () => {
      const { put, fired } = given();
      await Promise.all(['a', 'b', 'c', 'd'].map((run) => put(opened.soon(1), run)));
      expect(await fired(2)).toHaveLength(1);
    });

    /** Around the night in which the clocks of Berlin are set back. */
    const firedAutostarts = async (act: (scheduler: Scheduler, id: string) => Promise<void>) => {
      const id = `ws-${randomUUID().slice(0, 26)}`;
      const [from, until] = [new Date('2026-10-24T06:00:00Z'), new Date('2026-10-26T08:00:00Z')];
      const fired = await opened.autostartsBetween(from, until, () => act(scheduler, id));
      await scheduler.removeRecurring(id);
      return fired.filter(({ wake }) => wake.workspaceId === id).map(({ at }) => at.toISOString().slice(0, 16));
    };
    const put = (id: string, fields: Partial<Autostart>) => {
      const autostart: Autostart = { days: ['sat', 'sun', 'mon'], at: '08:30', timeZone: 'Europe/Berlin', ...fields };
      return scheduler.putRecurring(id, autostart, { workspaceId: id });
    };

    it('a recurring schedule fires on its days, in the local time of its zone', async () => {
      const fired = await firedAutostarts((_, id) => put(id, {}));
      expect(fired).toEqual(['2026-10-24T06:30', '2026-10-25T07:30', '2026-10-26T07:30']);
      expect(await firedAutostarts((_, id) => put(id, { days: ['mon'], timeZone: 'Asia/Kolkata' }))).toEqual([
        '2026-10-26T03:00',
      ]);
    });

    it('the same ID replaces a recurring schedule', async () => {
      const fired = await firedAutostarts(async (_, id) => {
        await put(id, {});
        await put(id, { at: '09:15', days: ['sun'] });
      });
      expect(fired).toEqual(['2026-10-25T08:15']);
    });

    it('a removed recurring schedule does not fire; removing an absent one does nothing', async () => {
      const fired = await firedAutostarts(async (scheduler, id) => {
        await scheduler.removeRecurring(id);
        await put(id, {});
        await scheduler.removeRecurring(id);
      });
      expect(fired).toEqual([]);
    });

    it('a recurring schedule is independent of the one-off schedule of its ID', async () => {
      const fired = await firedAutostarts(async (scheduler, id) => {
        await put(id, { days: ['sun'] });
        await scheduler.put(id, new Date('2026-10-30T12:00:00Z'), { workspaceId: id, buildId: 'b' });
        await scheduler.remove(id);
      });
      expect(fired).toEqual(['2026-10-25T07:30']);
    });
  });
};
