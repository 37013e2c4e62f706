import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permitDeletion } from '../../core/homes/deletion-permit.ts';
import type { ComputeKind, DeletionPermit, Owned, Progress, Run, WorkspaceRef } from '../../core/ports/compute-kind.ts';

/** A kind of compute with the system that it runs on. */
export interface ComputeFixture<Spec> {
  kind: ComputeKind<Spec>;
  /** The kind on the same system, as a restarted server opens it. */
  reopen(): ComputeKind<Spec>;
  /** A spec as in a template. */
  spec: unknown;
  badSpec: { value: unknown; field: string };
  /** Writes to and reads from the workspace's home; absent for a kind without a home. */
  home?: { write(id: string, text: string): Promise<void>; read(id: string): Promise<string> };
  /** Identifies the running compute, for example by a process id: differs after a restart. */
  identity(id: string): Promise<string | undefined>;
  /** The names of what is left of a workspace: processes, files. */
  leftovers(id: string): Promise<string[]>;
  /** Whether `listOwned` lists quarantined homes; for ec2-vm garbage collection does. */
  listsHomes?: false;
  close(): Promise<void>;
}

let workspaces = 0;
export const newWorkspaceId = (): string => `ws-${String(++workspaces).padStart(26, '0')}`;

export const runOf = <Spec>(kind: ComputeKind<Spec>, spec: unknown, id: string, number = 1): Run<Spec> => ({
  workspace: { id, name: 'demo', owner: { id: 'p-ada', name: 'ada' } },
  build: { id: `${id}-b${number}`, number },
  template: { name: 'quickstart', version: 1 },
  spec: kind.spec.parse(spec),
  agent: { gatewayUrl: 'http://127.0.0.1:9', token: 'the-secret-token' },
});

/** Repeats the call until it is settled, for at most half a minute. */
export const settle = async (move: () => Promise<Progress>): Promise<void> => {
  await expect.poll(async () => (await move()).settled, { timeout: 30_000, interval: 50 }).toBe(true);
};

/** The permission that the record of a deleted workspace yields. */
export const deleted = (id: string): DeletionPermit => permitDeletion({ id, desired: 'deleted' });

const owned = async (kind: ComputeKind<unknown>): Promise<Map<string, Owned>> => {
  const found = new Map<string, Owned>();
  for await (const { knownAs: _, ...one } of kind.listOwned()) found.set(one.workspaceId, one);
  return found;
};

/** What every kind of compute must do. */
export const computeContract = <Spec>(name: string, open: () => Promise<ComputeFixture<Spec>>) =>
  describe(`compute contract: ${name}`, () => {
    let fixture: ComputeFixture<Spec>;
    let kind: ComputeKind<Spec>;
    let workspace: WorkspaceRef;
    const run = (number = 1, id = workspace.id) => runOf(kind, fixture.spec, id, number);
    const start = (number = 1, id = workspace.id) => settle(() => kind.apply(run(number, id)));
    const state = async () => (await kind.observe(workspace)).state;

    beforeEach(async () => {
      fixture = await open();
      kind = fixture.kind;
      workspace = { id: newWorkspaceId() };
    });
    afterEach(() => fixture.close());

    it('plans what a run would create, without creating it', async () => {
      const { agent: _, ...planned } = run();
      expect(kind.plan(planned).resources.length).toBeGreaterThan(0);
      expect(await fixture.leftovers(workspace.id)).toEqual([]);
      expect(await state()).toBe('absent');
    });

    it('refuses a misspelled or wrong spec and names the field', () => {
      const read = kind.spec.safeParse(fixture.badSpec.value);
      expect(JSON.stringify(read.error?.issues)).toContain(fixture.badSpec.field);
    });

    it('runs the requested build', async () => {
      await start();
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run().build.id });
      expect((await owned(kind)).get(workspace.id)?.buildId).toBe(run().build.id);
    });

    it('changes nothing when apply is repeated', async () => {
      await start();
      const before = await fixture.identity(workspace.id);
      expect(await kind.apply(run())).toMatchObject({ settled: true });
      expect(before).toBeDefined();
      expect(await fixture.identity(workspace.id)).toBe(before);
    });

    it('starts one compute for concurrent calls', async () => {
      await Promise.all([1, 2, 3, 4].map(() => start()));
      const before = await fixture.identity(workspace.id);
      await start();
      expect(await fixture.identity(workspace.id)).toBe(before);
    });

    it('replaces the compute of an older build by that of a newer one', async () => {
      await start(1);
      const before = await fixture.identity(workspace.id);
      await start(2);
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run(2).build.id });
      expect(await fixture.identity(workspace.id)).not.toBe(before);
    });

    it('ignores a late call for an older build', async () => {
      await start(2);
      const before = await fixture.identity(workspace.id);
      await start(1);
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run(2).build.id });
      expect(await fixture.identity(workspace.id)).toBe(before);
    });

    it('stops, keeps the home, and starts again with it', async () => {
      await start();
      await fixture.home?.write(workspace.id, 'still here');
      await settle(() => kind.stop(workspace));
      expect(await state()).toBe('stopped');
      expect(await fixture.identity(workspace.id)).toBeUndefined();
      const found = await owned(kind);
      expect(found.get(workspace.id)).toEqual({ workspaceId: workspace.id });

      await start(2);
      expect(await state()).toBe('running');
      if (fixture.home) expect(await fixture.home.read(workspace.id)).toBe('still here');
    });

    it('repeats stop and destroy, also for a workspace that never existed', async () => {
      await settle(() => kind.stop(workspace));
      await settle(() => kind.destroy(deleted(workspace.id)));
      expect(await state()).toBe('absent');
      await start();
      for (const _ of [1, 2]) await settle(() => kind.stop(workspace));
      for (const _ of [1, 2]) await settle(() => kind.destroy(deleted(workspace.id)));
      expect(await state()).toBe('absent');
    });

    it('leaves nothing after destroy, whether it ran or not', async () => {
      await start();
      await fixture.home?.write(workspace.id, 'gone');
      await settle(() => kind.destroy(deleted(workspace.id)));
      expect(await fixture.leftovers(workspace.id)).toEqual([]);
      expect((await owned(kind)).has(workspace.id)).toBe(false);
    });

    describe('of a workspace that the table does not know', () => {
      const mark = { since: '2026-11-29T10:00:00.000Z', reason: 'No workspace of this id.' };
      const quarantine = (given = mark) => settle(() => kind.quarantine(workspace, given));

      it('ends the compute and keeps the home', async () => {
        await start();
        await fixture.home?.write(workspace.id, 'a month of work');
        await quarantine();
        expect(await fixture.identity(workspace.id)).toBeUndefined();
        expect(['stopped', 'absent']).toContain(await state());
        if (fixture.home) expect(await fixture.home.read(workspace.id)).toBe('a month of work');
      });

      it('lists the quarantine, also after a restart, and keeps the first mark', async () => {
        await start();
        await quarantine();
        await quarantine({ since: '2027-01-01T00:00:00.000Z', reason: 'Another.' });
        kind = fixture.reopen();
        const found = (await owned(kind)).get(workspace.id);
        if (fixture.listsHomes !== false) expect(found).toEqual({ workspaceId: workspace.id, quarantine: mark });
        else expect(found).toBeUndefined();
      });

      it('lists the names of workspace, owner and template', async () => {
        await start();
        await quarantine();
        const { workspace: of, template } = run();
        const knownAs = { name: of.name, owner: of.owner.name, template: template.name };
        kind = fixture.reopen();
        const found = (await Array.fromAsync(kind.listOwned())).filter(
          ({ workspaceId }) => workspaceId === workspace.id,
        );
        expect(found).toMatchObject(fixture.listsHomes === false ? [] : [{ knownAs }]);
      });

      it('uses the home again when the workspace of that id starts', async () => {
        await start();
        await fixture.home?.write(workspace.id, 'still here');
        await quarantine();
        await start(2);
        expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run(2).build.id });
        expect((await owned(kind)).get(workspace.id)).toEqual({ workspaceId: workspace.id, buildId: run(2).build.id });
        if (fixture.home) expect(await fixture.home.read(workspace.id)).toBe('still here');
        await settle(() => kind.stop(workspace));
        expect((await owned(kind)).get(workspace.id)).toEqual({ workspaceId: workspace.id });
      });

      it('destroys a quarantined home after a person deleted the workspace', async () => {
        await start();
        await quarantine();
        await settle(() => kind.destroy(deleted(workspace.id)));
        expect(await fixture.leftovers(workspace.id)).toEqual([]);
      });

      it('does nothing for a workspace that never existed', async () => {
        await quarantine();
        expect(await fixture.leftovers(workspace.id)).toEqual([]);
        expect((await owned(kind)).has(workspace.id)).toBe(false);
      });
    });

    it('can be observed, stopped and destroyed after a restart', async () => {
      await start();
      const before = await fixture.identity(workspace.id);
      kind = fixture.reopen();
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run().build.id });
      await start();
      expect(await fixture.identity(workspace.id)).toBe(before);
      await settle(() => kind.stop(workspace));
      kind = fixture.reopen();
      expect(await state()).toBe('stopped');
      await settle(() => kind.destroy(deleted(workspace.id)));
      expect(await fixture.leftovers(workspace.id)).toEqual([]);
    });

    it('keeps several workspaces apart', async () => {
      const others = [newWorkspaceId(), newWorkspaceId()];
      const all = [workspace.id, ...others];
      await Promise.all(all.map((id) => start(1, id)));
      for (const id of all) await fixture.home?.write(id, id);
      await settle(() => kind.stop(workspace));
      for (const id of others) expect(await kind.observe({ id })).toMatchObject({ state: 'running' });
      if (fixture.home) for (const id of all) expect(await fixture.home.read(id)).toBe(id);
      for (const id of all) await settle(() => kind.destroy(deleted(id)));
      for (const id of all) expect(await fixture.leftovers(id)).toEqual([]);
    });

    it.each(['../outside', 'ws-../../../../etc/000000000', '', 'ws-1', `${newWorkspaceId()}\n`])(
      'refuses %j as a workspace id',
      async (id) => {
        await expect(kind.apply(run(1, id))).rejects.toThrow();
        await expect(kind.stop({ id })).rejects.toThrow();
        await expect(kind.destroy(deleted(id))).rejects.toThrow();
        await expect(kind.quarantine({ id }, { since: '', reason: '' })).rejects.toThrow();
        await expect(kind.observe({ id })).rejects.toThrow();
      },
    );
  });
