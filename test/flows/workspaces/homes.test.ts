import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type SkeletonCompute, skeletonKind } from '../../../compute/skeleton/skeleton.ts';
import { homeKey } from '../../../core/homes/home-record.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import { workspaceKey } from '../../../core/table/keys.ts';
import { nameKey } from '../../../core/workspaces/records/workspace-record.ts';
import type { BerthOptions } from '../../../local/settings/options.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { auditProblems, deliveredAudit, linkProblems } from '../../support/checks/audit-chains.ts';
import { runCli } from '../../support/clients/cli.ts';
import { givenServer } from '../../support/processes/server-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('after a loss of the table an admin lists and adopts a home, and its owner finds the files', async () => {
  const dataDir = temporaryFolder();
  const templates = givenTemplates({ plain: plainTemplate });
  let server = await givenServer(dataDir, templates);
  const as = (person: string) => server.as(person);
  const berth = (person: string, ...args: string[]) =>
    runCli(args, { BERTH_URL: server.url, BERTH_TOKEN: server.tokenOf(person), NO_COLOR: '1' });
  try {
    const { id } = await as('ada').createWorkspace({ body: { name: 'thesis', template: 'plain' } });
    await untilStatus(as('ada'), id, 'running');
    writeFileSync(join(dataDir, 'homes', id, 'chapter.txt'), 'a month of work');
    expect((await berth('grace', 'doctor')).out).toMatch(/ok {4}homes +There are no unowned homes\./);
    await server.stop();
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `table.sqlite${end}`), { force: true });
    server = await givenServer(dataDir, templates);

    await expect.poll(async () => (await berth('grace', 'homes')).out, { timeout: 60_000 }).toContain(id);
    expect((await berth('grace', 'homes')).out).toMatch(new RegExp(`${id} +ada/thesis +plain +process .* kept\n`));
    const { code, out } = await berth('grace', 'doctor');
    expect(out).toMatch(/warn {2}homes +There is 1 unowned home\.\n +→ .*berth homes/);
    expect(code).toBe(0);
    expect((await berth('ada', 'doctor')).out).not.toContain('homes');

    const adopted = await berth('grace', 'homes', 'adopt', id, '--owner', 'ada');
    expect(adopted).toMatchObject({ code: 0, out: expect.stringContaining(`The home ${id} belongs to ada/thesis`) });
    await untilStatus(as('ada'), id, 'stopped');
    expect((await berth('grace', 'homes', 'ls')).out).toBe('There are no unowned homes.\n');
    expect((await berth('ada', 'start', 'thesis', '--wait')).code).toBe(0);
    expect((await berth('ada', 'exec', 'thesis', '--', 'cat', 'chapter.txt')).out).toBe('a month of work');
    const { items } = await as('ada').listBuilds({ params: { workspace: id }, query: {} });
    expect(items.map(({ number }) => number).every((number) => number > 1_000)).toBe(true);
    expect(linkProblems(deliveredAudit(dataDir))).toEqual([]);
  } finally {
    await server.stop();
  }
}, 180_000);

describe('a home whose workspace’s record is gone', () => {
  let berth: TestBerth;
  let ahead: number;
  const open = async (options: Partial<BerthOptions> = {}) => {
    ahead = 0;
    const clock = () => new Date(Date.now() + ahead);
    const templateFolders = [
      givenTemplates({ plain: plainTemplate, other: 'name: other\ncompute: { kind: skeleton }\n' }),
    ];
    const moreKinds = [skeletonKind(new Map()) as ComputeKind<unknown>];
    berth = await givenBerth({ clock, sweepEveryMs: 100, templateFolders, moreKinds, ...options });
  };
  afterEach(() => berth.end());

  const homes = async () => (await berth.as('grace').listHomes()).items;
  const home = (id: string) => ({ params: { home: id } });
  const folder = (id: string) => join(berth.dataDir, 'homes', id);
  const table = () => berth.runtime.rules.table;
  const auditEventsOf = async (id: string) => {
    const { items } = await table().query({ pk: `audit#${id}`, limit: 100 });
    return items.map(({ event }) => event);
  };
  /** Waits until a sweep has listed the homes of all compute kinds again. */
  const untilSweptAgain = async () => {
    const { pk } = homeKey('');
    const [first] = (await table().query({ pk, limit: 1 })).items;
    if (first === undefined) throw new TypeError('no home is listed that a sweep could list again');
    await table().write([{ delete: first }]);
    await expect.poll(() => table().get(first)).toBeDefined();
  };

  /** Removes a workspace's record from the table, and leaves its other items. */
  const givenHome = async (name = 'demo') => {
    const { id, owner } = await berth.as('ada').createWorkspace({ body: { name, template: 'plain' } });
    await untilStatus(berth.as('ada'), id, 'running');
    await berth.as('ada').stopWorkspace({ params: { workspace: id } });
    await untilStatus(berth.as('ada'), id, 'stopped');
    writeFileSync(join(folder(id), 'note'), name);
    await table().write([{ delete: workspaceKey(id) }, { delete: nameKey(owner.id, name) }]);
    await expect.poll(async () => (await homes()).map((home) => home.id)).toContain(id);
    return id;
  };

  test('is adopted with its audit, under the name and owner that the admin gives', async () => {
    await open();
    const id = await givenHome();
    const body = { owner: 'linus', name: 'inherited' };
    const adopted = await berth.as('grace').adoptHome({ ...home(id), body });
    expect(adopted).toMatchObject({ id, name: 'inherited', owner: { name: 'linus' }, desired: 'stopped' });
    await untilStatus(berth.as('linus'), id, 'stopped');
    await berth.as('linus').startWorkspace({ params: { workspace: 'inherited' }, body: {} });
    await untilStatus(berth.as('linus'), id, 'running');
    expect(readFileSync(join(folder(id), 'note'), 'utf8')).toBe('demo');
    expect(await homes()).toEqual([]);
    await berth.as('linus').deleteWorkspace({ params: { workspace: id } });
    await expect.poll(() => existsSync(folder(id))).toBe(false);

    const events = () => deliveredAudit(berth.dataDir).get(id) ?? [];
    await expect.poll(() => events().map(({ action }) => action)).toContain('workspace.delete');
    const { id: grace } = await berth.as('grace').me();
    expect(events().find(({ action }) => action === 'home.adopt')).toMatchObject({
      actor: grace,
      details: { kind: 'process' },
    });
    expect(events()[0]?.action).toBe('workspace.create');
    expect(auditProblems(deliveredAudit(berth.dataDir))).toEqual([]);
  });

  test('is destroyed with its files when it is discarded, and its audit continues', async () => {
    await open();
    const [id, kept] = [await givenHome('one'), await givenHome('two')];
    await berth.as('grace').discardHome(home(id));
    await expect.poll(homes).toMatchObject([{ id: kept, state: 'kept' }]);
    expect(existsSync(folder(id))).toBe(false);
    expect(existsSync(folder(kept))).toBe(true);
    await expect(berth.as('grace').discardHome(home(id))).rejects.toThrow(/There is no unowned home of workspace/);
    await expect.poll(() => deliveredAudit(berth.dataDir).get(id)?.at(-1)?.action).toBe('home.discard');
    expect(auditProblems(deliveredAudit(berth.dataDir))).toEqual([]);
  });

  test('is not discarded by a command without a terminal or --yes', async () => {
    await open();
    const id = await givenHome();
    const cli = (...args: string[]) =>
      runCli(['homes', ...args], { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('grace') });
    expect(await cli('discard', id)).toMatchObject({ code: 2, err: expect.stringMatching(/ada\/demo.*--yes/) });
    expect(await homes()).toMatchObject([{ id, state: 'kept' }]);
    expect(await cli('discard', id, '--yes')).toMatchObject({ code: 0 });
    await expect.poll(homes).toEqual([]);
    expect(await cli('discard', id)).toMatchObject({ code: 4, err: expect.stringContaining('no unowned home') });
  });

  test('is retained for ever by default, and discarded after the retention period', async () => {
    const dataDir = temporaryFolder();
    await open({ dataDir });
    const id = await givenHome();
    ahead = 80 * 86_400_000;
    await untilSweptAgain();
    expect(await homes()).toMatchObject([{ id, state: 'kept' }]);
    expect(existsSync(folder(id))).toBe(true);
    await berth.end();

    await open({ dataDir, homeRetention: '30d' });
    const young = await givenHome('young');
    ahead = 29 * 86_400_000;
    await untilSweptAgain();
    expect(await homes()).toHaveLength(2);
    const before = await auditEventsOf(young);
    ahead = 31 * 86_400_000;
    await expect.poll(homes).toEqual([]);
    expect([id, young].map((one) => existsSync(folder(one)))).toEqual([false, false]);
    const [last, ...others] = (await auditEventsOf(young)).reverse();
    expect(others.reverse()).toEqual(before);
    expect(last).toMatchObject({ action: 'home.discard', actor: 'system', details: { because: 'retention' } });
  });

  test('is managed by admins only; auditors may list it', async () => {
    await open();
    const id = await givenHome();
    for (const person of ['ada', 'sam'] as const) {
      const client = berth.as(person);
      await expect(client.discardHome(home(id))).rejects.toThrow(/^Only admins/);
      await expect(client.adoptHome({ ...home(id), body: { owner: person } })).rejects.toThrow(/^Only admins/);
    }
    await expect(berth.as('ada').listHomes()).rejects.toThrow(/^Only admins/);
    expect((await berth.as('sam').listHomes()).items).toMatchObject([{ id, state: 'kept' }]);
  });

  test('stays unchanged when it cannot be adopted, with the reason', async () => {
    await open();
    const id = await givenHome();
    await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
    const adopt = (body: { owner: string; name?: string; template?: string }, of = id) =>
      berth.as('grace').adoptHome({ ...home(of), body });
    await expect(adopt({ owner: 'ada' })).rejects.toThrow(
      /ada already has a workspace named demo\. Choose another name/,
    );
    await expect(adopt({ owner: 'nobody' })).rejects.toThrow(/no person "nobody"/);
    await expect(adopt({ owner: 'ada', name: 'x', template: 'other' })).rejects.toThrow(
      /is on process.*runs on skeleton/,
    );
    await expect(adopt({ owner: 'ada' }, `ws-${'0'.repeat(26)}`)).rejects.toThrow(/berth homes/);
    expect(await homes()).toMatchObject([{ id, state: 'kept' }]);
  });
});

test('a home that cannot be destroyed shows the reason until it can', async () => {
  const id = `ws-${'0'.repeat(26)}`;
  const provider = new Map<string, SkeletonCompute>([[id, { build: { id: `${id}-1`, number: 1 } }]]);
  let isHeld = true;
  const skeleton = skeletonKind(provider);
  const failing: ComputeKind<unknown> = {
    ...(skeleton as ComputeKind<unknown>),
    destroy: async (deletion) => {
      if (isHeld) throw new Error('A machine holds it. Detach it.');
      return skeleton.destroy(deletion);
    },
  };
  const berth = await givenBerth({ sweepEveryMs: 100, moreKinds: [failing] });
  try {
    const homes = async () => (await berth.as('grace').listHomes()).items;
    await expect.poll(homes).toMatchObject([{ id, kind: 'skeleton', knownAs: {}, state: 'kept' }]);
    await expect(berth.as('grace').adoptHome({ params: { home: id }, body: { owner: 'ada' } })).rejects.toThrow(
      /has no recorded name and template\. Specify the name and template/,
    );
    await berth.as('grace').discardHome({ params: { home: id } });
    await expect.poll(homes).toMatchObject([{ id, state: 'discarded', problem: 'A machine holds it. Detach it.' }]);
    await expect(berth.as('grace').adoptHome({ params: { home: id }, body: { owner: 'ada' } })).rejects.toThrow(
      /is being destroyed/,
    );
    isHeld = false;
    await expect.poll(homes).toEqual([]);
    expect(provider.has(id)).toBe(false);
  } finally {
    await berth.end();
  }
});
