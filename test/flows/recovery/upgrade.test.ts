import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { givenTemplates } from '../../support/berth.ts';
import { auditProblems, deliveredAudit } from '../../support/checks/audit-chains.ts';
import { givenServer, type ServerProcess } from '../../support/processes/server-process.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Builds that another version of Berth left unfinished: each ends in seconds, with the reason. */
const slow = `
name: slow
compute: { kind: process }
agent:
  startup: while [ ! -e ~/go ]; do sleep 0.1; done
`;

let dataDir: string;
let templates: string;
let server: ServerProcess;
beforeEach(() => {
  dataDir = temporaryFolder();
  templates = givenTemplates({ slow });
});
afterEach(async () => {
  await server.stop();
  expect(workspaceProcesses(dataDir)).toEqual([]);
});

const start = async () => {
  server = await givenServer(dataDir, templates);
};
const ada = () => server.as('ada');
const seen = (id: string) => ada().getWorkspace({ params: { workspace: id } });

type Stored = Record<string, unknown> & { build: Record<string, unknown> };

/** Changes the table to a state that another version would have left. */
const edit = (id: string, change: (workspace: Stored, build: Stored) => Stored | undefined) => {
  const database = new DatabaseSync(join(dataDir, 'table.sqlite'));
  const read = (sk: string) =>
    JSON.parse(
      String(database.prepare('SELECT body FROM items WHERE pk = ? AND sk = ?').get(`workspace#${id}`, sk)?.['body']),
    ) as Stored;
  const write = (sk: string, body: Stored | undefined) =>
    body === undefined
      ? database.prepare('DELETE FROM items WHERE pk = ? AND sk = ?').run(`workspace#${id}`, sk)
      : database
          .prepare('UPDATE items SET body = ? WHERE pk = ? AND sk = ?')
          .run(JSON.stringify(body), `workspace#${id}`, sk);
  const workspace = read('workspace');
  write('build#000001', change(workspace, read('build#000001')));
  write('workspace', workspace);
  database.close();
};

const givenStarting = async () => {
  const { id } = await ada().createWorkspace({ body: { name: 'demo', template: 'slow' } });
  await expect.poll(async () => (await seen(id)).agent?.status, { timeout: 60_000 }).toBe('connecting');
  expect((await seen(id)).status).toBe('starting');
  return id;
};

const without = (record: Stored, ...names: string[]): Stored =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name))) as Stored;

test.each<[string, (workspace: Stored, build: Stored) => Stored | undefined, RegExp]>([
  [
    'of an unknown transition',
    (workspace, build) => {
      workspace.build['transition'] = 'resume';
      return { ...build, transition: 'resume' };
    },
    /transition/,
  ],
  [
    'of an unknown status',
    (workspace, build) => {
      workspace.build['status'] = 'queued';
      return { ...build, status: 'queued' };
    },
    /status/,
  ],
  [
    'without required fields',
    (_, build) => without(build, 'revision', 'parameters', 'ephemeral', 'lastEvent'),
    /parameters, ephemeral, lastEvent, revision/,
  ],
  ['without a record', () => undefined, /Its record does not exist/],
])('a build %s fails with the reason', async (_, change, why) => {
  await start();
  const id = await givenStarting();
  await server.kill();
  edit(id, change);
  await start();
  await expect.poll(async () => (await seen(id)).status, { timeout: 60_000 }).toBe('failed');
  const { failure, build } = await seen(id);
  expect(failure?.message).toMatch(
    /^Berth cannot continue this start, perhaps because another version of Berth began it\. /,
  );
  expect(failure?.message).toMatch(why);
  expect(failure?.action).toBe('Start the workspace again.');
  expect(build).toMatchObject({ number: 1, transition: 'start', status: 'failed' });
  expect(await ada().getBuild({ params: { workspace: id, build: 1 } })).toMatchObject({ status: 'failed', failure });
  await expect.poll(() => workspaceProcesses(dataDir), { timeout: 60_000 }).toEqual([]);

  writeFileSync(join(dataDir, 'homes', id, 'go'), '');
  await ada().startWorkspace({ params: { workspace: id }, body: {} });
  await expect.poll(async () => (await seen(id)).status, { timeout: 60_000 }).toBe('running');
  await expect.poll(() => auditProblems(deliveredAudit(dataDir))).toEqual([]);
});

test('a delete with an unknown transition fails, and Berth deletes again by itself', async () => {
  await start();
  const id = await givenStarting();
  await server.kill();
  edit(id, (workspace, build) => {
    Object.assign(workspace, { desired: 'deleted', status: 'deleting' });
    workspace.build['transition'] = 'erase';
    return { ...build, transition: 'erase' };
  });
  await start();
  await expect.poll(() => existsSync(join(dataDir, 'homes', id)), { timeout: 50_000 }).toBe(false);
  const { items } = await ada().listBuilds({ params: { workspace: id }, query: {} });
  expect(items.map(({ transition, status }) => `${transition} ${status}`)).toEqual([
    'delete succeeded',
    'delete failed',
  ]);
}, 60_000);

test('a build of this version continues', async () => {
  await start();
  const id = await givenStarting();
  await server.kill();
  await start();
  writeFileSync(join(dataDir, 'homes', id, 'go'), '');
  await expect.poll(async () => (await seen(id)).status, { timeout: 60_000 }).toBe('running');
  expect((await seen(id)).build).toMatchObject({ number: 1, status: 'succeeded' });
});
