import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Autostart } from '../../contracts/workspaces/autostart.ts';
import type { AutostartWake, StopWake } from '../../contracts/workspaces/workflows.ts';
import type { Scheduler } from '../../core/ports/scheduler.ts';

export interface RecurringRing {
  at: Date;
  wake: AutostartWake;
}

export interface OpenScheduler {
  scheduler: Scheduler;
  /** A moment that is still to come, so many steps away; far enough for the adapter to tell two apart. */
  soon(steps: number): Date;
  /** What rang by then, in order. */
  rungBy(at: Date): Promise<StopWake[]>;
  /** Does something at a moment, and says what recurring schedules ring from then until another, in order. */
  ringsBetween(from: Date, until: Date, act: () => Promise<void>): Promise<RecurringRing[]>;
  close(): Promise<void>;
}

/** What every adapter of the scheduler port must do. */
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
      const rung = async (steps: number) =>
        (await opened.rungBy(opened.soon(steps))).filter((wake) => wake.workspaceId === workspaceId);
      return { workspaceId, put, rung, remove: () => scheduler.remove(workspaceId) };
    };

    it('rings once, with what it was given', async () => {
      const { workspaceId, put, rung } = given();
      await put(opened.soon(1), 'run');
      expect(await rung(2)).toEqual([{ workspaceId, buildId: 'run' }]);
    });

    it('rings at once when the moment is past', async () => {
      const { put, rung } = given();
      await put(new Date(Date.now() - 3_600_000), 'past');
      expect(await rung(1)).toHaveLength(1);
    });

    it('the same id again moves it, nearer or further', async () => {
      const { put, rung } = given();
      await put(opened.soon(2), 'first');
      await put(opened.soon(1), 'nearer');
      expect((await rung(3)).map(({ buildId }) => buildId)).toEqual(['nearer']);
      await put(opened.soon(1), 'second');
      await put(opened.soon(2), 'further');
      expect((await rung(3)).map(({ buildId }) => buildId)).toEqual(['further']);
    });

    it('a removed one does not ring; one that is not there, or rang, is removed already', async () => {
      const { put, remove, rung } = given();
      await remove();
      await put(opened.soon(1), 'removed');
      await remove();
      expect(await rung(2)).toEqual([]);
      await put(opened.soon(1), 'rings');
      expect(await rung(2)).toHaveLength(1);
      await remove();
    });

    it('many puts of one id at once leave one schedule', async () => {
      const { put, rung } = given();
      await Promise.all(['a', 'b', 'c', 'd'].map((run) => put(opened.soon(1), run)));
      expect(await rung(2)).toHaveLength(1);
    });

    /** Around the night in which Berlin puts its clocks back. */
    const givenRings = async (act: (scheduler: Scheduler, id: string) => Promise<void>) => {
      const id = `ws-${randomUUID().slice(0, 26)}`;
      const [from, until] = [new Date('2026-10-24T06:00:00Z'), new Date('2026-10-26T08:00:00Z')];
      const rings = await opened.ringsBetween(from, until, () => act(scheduler, id));
      await scheduler.removeRecurring(id);
      return rings.filter(({ wake }) => wake.workspaceId === id).map(({ at }) => at.toISOString().slice(0, 16));
    };
    const put = (id: string, fields: Partial<Autostart>) => {
      const autostart: Autostart = { days: ['sat', 'sun', 'mon'], at: '08:30', timeZone: 'Europe/Berlin', ...fields };
      return scheduler.putRecurring(id, autostart, { workspaceId: id });
    };

    it('a recurring one rings on its days, by the clocks of its zone', async () => {
      const rung = await givenRings((_, id) => put(id, {}));
      expect(rung).toEqual(['2026-10-24T06:30', '2026-10-25T07:30', '2026-10-26T07:30']);
      expect(await givenRings((_, id) => put(id, { days: ['mon'], timeZone: 'Asia/Kolkata' }))).toEqual([
        '2026-10-26T03:00',
      ]);
    });

    it('the same id again replaces a recurring one', async () => {
      const rung = await givenRings(async (_, id) => {
        await put(id, {});
        await put(id, { at: '09:15', days: ['sun'] });
      });
      expect(rung).toEqual(['2026-10-25T08:15']);
    });

    it('a removed recurring one does not ring; one that is not there is removed already', async () => {
      const rung = await givenRings(async (scheduler, id) => {
        await scheduler.removeRecurring(id);
        await put(id, {});
        await scheduler.removeRecurring(id);
      });
      expect(rung).toEqual([]);
    });

    it('a recurring one has nothing to do with the one-off of its id', async () => {
      const rung = await givenRings(async (scheduler, id) => {
        await put(id, { days: ['sun'] });
        await scheduler.put(id, new Date('2026-10-30T12:00:00Z'), { workspaceId: id, buildId: 'b' });
        await scheduler.remove(id);
      });
      expect(rung).toEqual(['2026-10-25T07:30']);
    });
  });
};
