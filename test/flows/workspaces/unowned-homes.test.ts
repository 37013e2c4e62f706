import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { givenTemplates, plainTemplate, untilStatus } from '../../support/berth.ts';
import { deliveredAudit, linkProblems } from '../../support/checks/audit-chains.ts';
import { givenServer, type ServerProcess } from '../../support/processes/server-process.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** No damage of the table loses a home. Each test runs the real server as a process of its own. */
let dataDir: string;
let templates: string;
let server: ServerProcess;

beforeEach(() => {
  dataDir = temporaryFolder();
  templates = givenTemplates({ plain: plainTemplate });
});
afterEach(async () => {
  await server.stop();
  expect(workspaceProcesses(dataDir)).toEqual([]);
});

const start = async () => {
  server = await givenServer(dataDir, templates);
};
const as = (person: string) => server.as(person);
const note = (id: string) => join(dataDir, 'homes', id, 'thesis.txt');
const tableFiles = ['table.sqlite', 'table.sqlite-wal', 'table.sqlite-shm'];

const givenWorkspace = async (name: string) => {
  const { id } = await as('ada').createWorkspace({ body: { name, template: 'plain' } });
  await untilStatus(as('ada'), id, 'running');
  writeFileSync(note(id), `the work of ${name}`);
  return id;
};

const markOf = (id: string) => {
  const file = join(dataDir, 'compute', id, 'quarantine.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};

const losses: [string, () => void][] = [
  ['missing', () => tableFiles.forEach((name) => void rmSync(join(dataDir, name), { force: true }))],
  [
    'empty',
    () => {
      for (const name of tableFiles) rmSync(join(dataDir, name), { force: true });
      writeFileSync(join(dataDir, 'table.sqlite'), '');
    },
  ],
  [
    'moved away, as a message advises',
    () => {
      mkdirSync(join(dataDir, 'aside'));
      for (const name of tableFiles) {
        if (existsSync(join(dataDir, name))) renameSync(join(dataDir, name), join(dataDir, 'aside', name));
      }
    },
  ],
];

describe.each(losses)('with a table that is %s', (_, lose) => {
  test.each(['stop', 'kill'] as const)('after a %s, every home is retained, marked and logged', async (end) => {
    await start();
    const ids = [await givenWorkspace('one'), await givenWorkspace('two')];
    await server[end]();
    lose();
    await start();
    for (const id of ids) {
      await expect.poll(() => markOf(id), { timeout: 60_000 }).toMatchObject({ since: expect.any(String) });
      expect(readFileSync(note(id), 'utf8')).toMatch(/^the work of (one|two)$/);
    }
    await expect.poll(() => workspaceProcesses(dataDir)).toEqual([]);
    expect(server.errors()).toMatch(/a workspace is not in the table: .*its home is kept/);
  });
});

test('a table restored from an older copy retains younger homes, and its workspaces start with theirs', async () => {
  await start();
  const old = await givenWorkspace('old');
  await server.stop();
  copyFileSync(join(dataDir, 'table.sqlite'), join(dataDir, 'backup.sqlite'));
  await start();
  await untilStatus(as('ada'), old, 'running');
  const young = await givenWorkspace('young');
  await server.stop();
  for (const name of tableFiles) rmSync(join(dataDir, name), { force: true });
  copyFileSync(join(dataDir, 'backup.sqlite'), join(dataDir, 'table.sqlite'));
  await start();
  await expect.poll(() => markOf(young), { timeout: 60_000 }).toBeDefined();
  expect(readFileSync(note(young), 'utf8')).toBe('the work of young');
  await untilStatus(as('ada'), old, 'running');
  expect(readFileSync(note(old), 'utf8')).toBe('the work of old');
  expect(markOf(old)).toBeUndefined();
});

test('after a restore starts work, no build repeats an earlier number, and no audit event is lost', async () => {
  const builds = async (id: string) => {
    const { items } = await as('ada').listBuilds({ params: { workspace: id }, query: {} });
    return items.map(({ number }) => number).sort((a, b) => a - b);
  };
  const cycle = async (id: string) => {
    await as('ada').stopWorkspace({ params: { workspace: id } });
    await untilStatus(as('ada'), id, 'stopped');
    await as('ada').startWorkspace({ params: { workspace: id }, body: {} });
    await untilStatus(as('ada'), id, 'running');
  };
  await start();
  const id = await givenWorkspace('demo');
  await server.stop();
  copyFileSync(join(dataDir, 'table.sqlite'), join(dataDir, 'backup.sqlite'));
  await start();
  await untilStatus(as('ada'), id, 'running');
  await cycle(id);
  await cycle(id);
  const before = await builds(id);
  await server.kill();
  for (const name of tableFiles) rmSync(join(dataDir, name), { force: true });
  copyFileSync(join(dataDir, 'backup.sqlite'), join(dataDir, 'table.sqlite'));
  await start();
  await untilStatus(as('ada'), id, 'running');
  await cycle(id);
  const after = await builds(id);
  // The copy knows the first build; later builds have other numbers.
  expect(after.filter((number) => before.includes(number))).toEqual([1]);
  expect(readFileSync(note(id), 'utf8')).toBe('the work of demo');

  const events = () => deliveredAudit(dataDir).get(id) ?? [];
  const begunBuilds = () =>
    events().flatMap(({ action, details }) => (action === 'build.begin' ? [details['build']] : []));
  await expect.poll(() => begunBuilds().filter((number) => after.includes(Number(number))).length).toBeGreaterThan(0);
  await expect.poll(() => events().filter(({ action }) => action === 'workspace.stop').length).toBe(3);
  expect(linkProblems(deliveredAudit(dataDir))).toEqual([]);
  expect(server.errors()).toContain('the table is older than the audit events');
});

test('a restart on the same table continues the build numbers', async () => {
  await start();
  const id = await givenWorkspace('demo');
  for (const end of ['stop', 'kill'] as const) {
    await server[end]();
    await start();
    await untilStatus(as('ada'), id, 'running');
  }
  expect((await as('ada').getWorkspace({ params: { workspace: id } })).build.number).toBeLessThan(4);
});

test('when the newer table is back, the home belongs to its workspace again', async () => {
  await start();
  const id = await givenWorkspace('back');
  await server.stop();
  mkdirSync(join(dataDir, 'aside'));
  for (const name of tableFiles) {
    if (existsSync(join(dataDir, name))) renameSync(join(dataDir, name), join(dataDir, 'aside', name));
  }
  await start();
  await expect.poll(() => markOf(id), { timeout: 60_000 }).toBeDefined();
  await server.stop();
  for (const name of tableFiles) {
    rmSync(join(dataDir, name), { force: true });
    if (existsSync(join(dataDir, 'aside', name))) renameSync(join(dataDir, 'aside', name), join(dataDir, name));
  }
  await start();
  await untilStatus(as('ada'), id, 'running');
  expect(readFileSync(note(id), 'utf8')).toBe('the work of back');
  expect(markOf(id)).toBeUndefined();
});

test('a workspace that a person deleted leaves no home', async () => {
  await start();
  const id = await givenWorkspace('gone');
  await as('ada').deleteWorkspace({ params: { workspace: id } });
  await expect.poll(() => existsSync(join(dataDir, 'homes', id)), { timeout: 60_000 }).toBe(false);
});
