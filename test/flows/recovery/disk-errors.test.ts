import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Client } from '../../../contracts/client/client.ts';
import { givenTemplates, plainTemplate, untilStatus } from '../../support/berth.ts';
import { auditProblems, deliveredAudit } from '../../support/checks/audit-chains.ts';
import { runCli } from '../../support/clients/cli.ts';
import { givenServer, type ServerProcess } from '../../support/processes/server-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** The real server on a failing disk: each fault is a real one of the file system or a file. */
let dataDir: string;
let templates: string;
let server: ServerProcess | undefined;

beforeEach(() => {
  dataDir = temporaryFolder();
  templates = givenTemplates({ plain: plainTemplate });
});
afterEach(() => server?.stop());

const start = async () => {
  server = await givenServer(dataDir, templates);
  return server;
};
const ada = (): Client => {
  if (server === undefined) throw new TypeError('the server is not started');
  return server.as('ada');
};
const health = () => ada().health();
const givenWorkspace = (name: string) => ada().createWorkspace({ body: { name, template: 'plain' } });

/** Mounts a small disk over a folder until the end of the test. */
const mount = (folder: string, size: string) => {
  const { stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'berth-test', folder]);
  expect(stderr.toString()).toBe('');
  onTestFinished(async () => {
    await server?.stop();
    server = undefined;
    spawnSync('umount', ['-l', folder]);
  });
};

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('Berth survives a full disk, and refused requests work again afterwards', async () => {
  mount(dataDir, '24m');
  const { child, errors } = await start();
  const { id } = await givenWorkspace('before');
  await untilStatus(ada(), id, 'running');

  const filler = join(dataDir, 'filler');
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096', 'count=100000'], { stdio: 'ignore' });
  const refused: unknown[] = [];
  for (let number = 0; refused.length === 0 && number < 500; number++) {
    await givenWorkspace(`full-${number}`).catch((error: unknown) => refused.push(error));
  }
  expect(refused[0]).toMatchObject({ problem: { status: 500, detail: expect.stringContaining('the disk is full') } });
  await expect.poll(() => errors()).toMatch(/the table failed.*the disk is full/);
  expect(child.exitCode).toBeNull();

  rmSync(filler);
  const createdName = async () => (await givenWorkspace('after')).name;
  await expect.poll(createdName, { timeout: 60_000, interval: 200 }).toBe('after');
  await untilStatus(ada(), 'after', 'running');
  await expect.poll(() => auditProblems(deliveredAudit(dataDir)), { timeout: 60_000 }).toEqual([]);
});

test.runIf(isRoot)('health, doctor and terminal report an audit without room, and its recovery', async () => {
  const folder = join(dataDir, 'audit');
  mkdirSync(folder);
  mount(folder, '1m');
  const { errors } = await start();
  const { id } = await givenWorkspace('before');
  await untilStatus(ada(), id, 'running');
  expect(await health()).toMatchObject({ status: 'ok', troubles: [] });
  const filler = join(folder, 'filler');
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096', 'count=1000'], { stdio: 'ignore' });
  for (let number = 0; (await health()).status === 'ok' && number < 200; number++) {
    await ada().extendWorkspace({ params: { workspace: id }, body: { minutes: 1 + number } });
  }
  const what = expect.stringMatching(/^The audit events are delayed: .*(ENOSPC|no space|no room)/i);
  expect(await health()).toMatchObject({ status: 'degraded', troubles: [{ level: 'fail', what }] });
  const { code, out } = await runCli(['doctor'], { BERTH_URL: server?.url ?? '', NO_COLOR: '1' });
  expect(out).toMatch(/FAIL {2}changes +Since [0-9: -]+: The audit events are delayed: /);
  expect(code).toBe(1);
  expect(errors()).toMatch(/ error The audit events are delayed: /);

  rmSync(filler);
  await expect.poll(health, { timeout: 60_000 }).toMatchObject({ status: 'ok', troubles: [] });
  expect(errors()).toMatch(/ warn resolved after \d+s: The audit events are delayed: /);
  await expect.poll(() => auditProblems(deliveredAudit(dataDir)), { timeout: 60_000 }).toEqual([]);
});

test('an unreadable change and an unreadable item are skipped and reported, and the others continue', async () => {
  const first = await start();
  const { id: bad } = await givenWorkspace('bad');
  const { id: good } = await givenWorkspace('good');
  for (const id of [bad, good]) await untilStatus(ada(), id, 'running');
  await first.stop();
  const database = new DatabaseSync(join(dataDir, 'table.sqlite'));
  // The index reads every body, and would refuse such a row.
  database.exec('DROP INDEX items_expiry; CREATE INDEX items_expiry ON items (pk, sk)');
  database.exec(`UPDATE items SET body = '{"torn' WHERE pk = 'workspace#${bad}' AND sk = 'workspace'`);
  database.exec("INSERT INTO changes (pk, sk, before, after) VALUES ('workspace#x', 'workspace', NULL, '{\"torn')");
  database.close();

  const { errors, stop } = await start();
  await untilStatus(ada(), good, 'running');
  expect(errors()).toMatch(/The change \d+ of the table cannot be read/);
  expect(errors()).toContain(`The item workspace#${bad} workspace of the table cannot be read`);
  expect((await ada().listWorkspaces({ query: {} })).items.map(({ name }) => name)).toEqual(['good']);
  await ada().stopWorkspace({ params: { workspace: good } });
  await untilStatus(ada(), good, 'stopped');
  writeFileSync(join(dataDir, 'homes', bad, 'still'), 'here');

  const what = 'A change of workspace#x was skipped: It cannot be read.';
  expect(await health()).toMatchObject({ status: 'ok', troubles: [{ level: 'warn', what }] });
  await stop();
  const { url } = await start();
  const { out } = await runCli(['doctor'], { BERTH_URL: url, NO_COLOR: '1' });
  expect(out).toMatch(new RegExp(`warn {2}changes +At [0-9: -]+: ${what}`));
});
