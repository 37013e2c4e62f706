import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ComputeKind, Progress, Run, WorkspaceRef } from '../../compute/kind.ts';

/** A kind of compute with the world it works in. */
export interface ComputeBench<Spec> {
  kind: ComputeKind<Spec>;
  /** The kind over the same world, as a restarted server opens it. */
  reopen(): ComputeKind<Spec>;
  /** A spec as a template holds it. */
  spec: unknown;
  badSpec: { value: unknown; field: string };
  /** Leaves something in the workspace's home and reads it back; absent where a kind has no home to look into. */
  home?: { write(id: string, text: string): Promise<void>; read(id: string): Promise<string> };
  /** Which run of compute this is, e.g. a process number: another one after a restart. */
  identity(id: string): Promise<string | undefined>;
  /** What the world still holds of a workspace, each named: processes, files. */
  leftovers(id: string): Promise<string[]>;
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

/** Calls again as long as the kind asks for it, at most for ten seconds. */
export const settle = async (move: () => Promise<Progress>): Promise<void> => {
  await expect.poll(async () => (await move()).settled, { timeout: 10_000, interval: 50 }).toBe(true);
};

const owned = async (kind: ComputeKind<unknown>): Promise<Map<string, string | undefined>> => {
  const found = new Map<string, string | undefined>();
  for await (const { workspaceId, buildId } of kind.listOwned()) found.set(workspaceId, buildId);
  return found;
};

/** What every kind of compute must do. */
export const computeContract = <Spec>(name: string, open: () => Promise<ComputeBench<Spec>>) =>
  describe(`compute contract: ${name}`, () => {
    let bench: ComputeBench<Spec>;
    let kind: ComputeKind<Spec>;
    let workspace: WorkspaceRef;
    const run = (number = 1, id = workspace.id) => runOf(kind, bench.spec, id, number);
    const start = (number = 1, id = workspace.id) => settle(() => kind.apply(run(number, id)));
    const state = async () => (await kind.observe(workspace)).state;

    beforeEach(async () => {
      bench = await open();
      kind = bench.kind;
      workspace = { id: newWorkspaceId() };
    });
    afterEach(() => bench.close());

    it('says what a run would create, and creates nothing', async () => {
      const { agent: _, ...planned } = run();
      expect(kind.plan(planned).resources.length).toBeGreaterThan(0);
      expect(await bench.leftovers(workspace.id)).toEqual([]);
      expect(await state()).toBe('absent');
    });

    it('refuses a misspelt or wrong spec by naming the field', () => {
      const read = kind.spec.safeParse(bench.badSpec.value);
      expect(JSON.stringify(read.error?.issues)).toContain(bench.badSpec.field);
    });

    it('runs the build it was asked for', async () => {
      await start();
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run().build.id });
      expect((await owned(kind)).get(workspace.id)).toBe(run().build.id);
    });

    it('changes nothing when it is asked again', async () => {
      await start();
      const before = await bench.identity(workspace.id);
      expect(await kind.apply(run())).toMatchObject({ settled: true });
      expect(before).toBeDefined();
      expect(await bench.identity(workspace.id)).toBe(before);
    });

    it('starts one compute however often it is asked at once', async () => {
      await Promise.all([1, 2, 3, 4].map(() => start()));
      const before = await bench.identity(workspace.id);
      await start();
      expect(await bench.identity(workspace.id)).toBe(before);
    });

    it('puts a newer build in the place of an older one', async () => {
      await start(1);
      const before = await bench.identity(workspace.id);
      await start(2);
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run(2).build.id });
      expect(await bench.identity(workspace.id)).not.toBe(before);
    });

    it('lets no late call for an older build touch a newer run', async () => {
      await start(2);
      const before = await bench.identity(workspace.id);
      await start(1);
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run(2).build.id });
      expect(await bench.identity(workspace.id)).toBe(before);
    });

    it('stops, keeps the home, and starts again with it', async () => {
      await start();
      await bench.home?.write(workspace.id, 'still here');
      await settle(() => kind.stop(workspace));
      expect(await state()).toBe('stopped');
      expect(await bench.identity(workspace.id)).toBeUndefined();
      const found = await owned(kind);
      expect(found.has(workspace.id)).toBe(true);
      expect(found.get(workspace.id)).toBeUndefined();

      await start(2);
      expect(await state()).toBe('running');
      if (bench.home) expect(await bench.home.read(workspace.id)).toBe('still here');
    });

    it('stops and destroys repeatedly, also what never was', async () => {
      await settle(() => kind.stop(workspace));
      await settle(() => kind.destroy(workspace));
      expect(await state()).toBe('absent');
      await start();
      for (const _ of [1, 2]) await settle(() => kind.stop(workspace));
      for (const _ of [1, 2]) await settle(() => kind.destroy(workspace));
      expect(await state()).toBe('absent');
    });

    it('leaves nothing after destroy, whether it ran or not', async () => {
      await start();
      await bench.home?.write(workspace.id, 'gone');
      await settle(() => kind.destroy(workspace));
      expect(await bench.leftovers(workspace.id)).toEqual([]);
      expect((await owned(kind)).has(workspace.id)).toBe(false);
    });

    it('is found, stopped and destroyed by a restarted server', async () => {
      await start();
      const before = await bench.identity(workspace.id);
      kind = bench.reopen();
      expect(await kind.observe(workspace)).toMatchObject({ state: 'running', buildId: run().build.id });
      await start();
      expect(await bench.identity(workspace.id)).toBe(before);
      await settle(() => kind.stop(workspace));
      kind = bench.reopen();
      expect(await state()).toBe('stopped');
      await settle(() => kind.destroy(workspace));
      expect(await bench.leftovers(workspace.id)).toEqual([]);
    });

    it('keeps several workspaces apart', async () => {
      const others = [newWorkspaceId(), newWorkspaceId()];
      const all = [workspace.id, ...others];
      await Promise.all(all.map((id) => start(1, id)));
      for (const id of all) await bench.home?.write(id, id);
      await settle(() => kind.stop(workspace));
      for (const id of others) expect(await kind.observe({ id })).toMatchObject({ state: 'running' });
      if (bench.home) for (const id of all) expect(await bench.home.read(id)).toBe(id);
      for (const id of all) await settle(() => kind.destroy({ id }));
      for (const id of all) expect(await bench.leftovers(id)).toEqual([]);
    });

    it.each(['../outside', 'ws-../../../../etc/000000000', '', 'ws-1', `${newWorkspaceId()}\n`])(
      'refuses %j as a workspace id',
      async (id) => {
        await expect(kind.apply(run(1, id))).rejects.toThrow();
        await expect(kind.stop({ id })).rejects.toThrow();
        await expect(kind.destroy({ id })).rejects.toThrow();
        await expect(kind.observe({ id })).rejects.toThrow();
      },
    );
  });
