import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../../contracts/client/client.ts';
import { givenBerth, givenTemplates, plainTemplate, untilStatus } from '../../support/berth.ts';
import { auditProblems, deliveredAudit } from '../../support/checks/audit-chains.ts';
import { givenExec } from '../../support/clients/exec.ts';
import { freePort } from '../../support/free-port.ts';
import { givenServer } from '../../support/processes/server-process.ts';
import { signalWorkspaces, workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const main = join(import.meta.dirname, '..', '..', '..', 'local', 'main.ts');

test('a request during the start of Berth is refused at once, and gets a response as soon as Berth is ready', async () => {
  const port = await freePort();
  const starting = givenBerth({ port });
  const failed = new Set<string>();
  const request = async () => {
    try {
      return (await fetch(`http://127.0.0.1:${port}/api/health`, { signal: AbortSignal.timeout(10_000) })).status;
    } catch (error) {
      failed.add((error as Error).name);
      return undefined;
    }
  };
  await expect.poll(request, { timeout: 60_000, interval: 5 }).toBe(200);
  // A refused connection is a TypeError; a request without a response would be a TimeoutError.
  expect([...failed]).toEqual(['TypeError']);
  await (await starting).end();
});

describe('a stop of Berth', () => {
  test('ends all workspaces; the next start, also at another port, starts those that should run', async () => {
    const dataDir = temporaryFolder();
    const first = await givenBerth({ dataDir });
    const ada = first.as('ada');
    const up = await ada.createWorkspace({ body: { name: 'up', template: 'plain' } });
    const down = await ada.createWorkspace({ body: { name: 'down', template: 'plain' } });
    await untilStatus(ada, up.id, 'running');
    await untilStatus(ada, down.id, 'running');
    await ada.stopWorkspace({ params: { workspace: down.id } });
    await untilStatus(ada, down.id, 'stopped');
    const write = await givenExec(first, up.id, ['sh', '-c', 'echo kept > ~/note']);
    expect(await write.exit).toBe(0);
    await first.close();
    expect(workspaceProcesses(dataDir)).toEqual([]);

    const second = await givenBerth({ dataDir });
    const again = await untilStatus(second.as('ada'), up.id, 'running');
    expect(again.build).toMatchObject({ transition: 'start', reason: 'repair' });
    expect((await second.as('ada').getWorkspace({ params: { workspace: down.id } })).status).toBe('stopped');
    const read = await givenExec(second, up.id, ['cat', 'note']);
    expect(await read.exit).toBe(0);
    expect(read.output()).toBe('kept\n');
    await expect.poll(() => auditProblems(deliveredAudit(dataDir))).toEqual([]);
    await second.end();
  });

  test('by a crash shows agents as disconnected until they reconnect', async () => {
    const dataDir = temporaryFolder();
    const templates = givenTemplates({ plain: plainTemplate });
    const port = await freePort();
    const first = await givenServer(dataDir, templates, port);
    const { id } = await first.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
    await untilStatus(first.as('ada'), id, 'running');
    await first.kill();
    signalWorkspaces(dataDir, 'SIGSTOP');
    const second = await givenServer(dataDir, templates, port);
    const agent = async () => (await second.as('ada').getWorkspace({ params: { workspace: id } })).agent;
    expect(await agent()).toMatchObject({ status: 'disconnected' });
    signalWorkspaces(dataDir, 'SIGCONT');
    await expect.poll(agent, { timeout: 60_000 }).toMatchObject({ status: 'ready' });
    await second.stop();
  });

  test('stores secrets readable by its user only', async () => {
    const berth = await givenBerth();
    for (const file of ['dev-tokens.json', 'signing-key.json', 'agents.secret', 'cookies.secret']) {
      expect(statSync(join(berth.dataDir, file)).mode & 0o777, file).toBe(0o600);
    }
    expect(statSync(berth.dataDir).mode & 0o777).toBe(0o700);
    await berth.end();
  });
});

describe('a start that fails prints one line and exits with an error', () => {
  const start = async (env: Record<string, string>) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    return { code, errors };
  };

  const expectOneLine = ({ code, errors }: { code: number; errors: string }, words: RegExp) => {
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).toMatch(words);
  };

  test('for a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    expectOneLine(
      await start({ PORT: String(port), BERTH_DATA: temporaryFolder() }),
      /port \d+ is already in use.*PORT=/,
    );
    other.close();
  });

  test('for an invalid setting', async () => {
    expectOneLine(await start({ PORT: 'http', BERTH_DATA: temporaryFolder() }), /PORT is "http"/);
    expectOneLine(
      await start({ BERTH_HOME_RETENTION: '3d', BERTH_DATA: temporaryFolder() }),
      /BERTH_HOME_RETENTION is "3d": must be at least 7d/,
    );
  });

  test('for a folder that is not writable', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expectOneLine(await start({ PORT: '0', BERTH_DATA: join(file, 'data') }), /cannot store its state.*BERTH_DATA/);
  });

  test('for a corrupt state file', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'table.sqlite'), 'this is no database, but long enough to be looked at'.repeat(100));
    expectOneLine(await start({ PORT: '0', BERTH_DATA: folder }), /table\.sqlite/);
  });

  test('for a folder that another Berth uses', async () => {
    const berth = await givenBerth();
    expectOneLine(await start({ PORT: '0', BERTH_DATA: berth.dataDir }), /Another Berth already uses/);
    expect(readFileSync(berth.tokensFile, 'utf8')).toContain('ada');
    await berth.end();
  });
});

describe('a template shipped with Berth', () => {
  const fileOf = (description: string) => `name: plain\ndescription: ${description}\ncompute: { kind: process }\n`;
  /** Starts Berth with a template, runs `act` as an admin, and ends Berth. */
  const startWith = async (
    dataDir: string,
    description: string,
    act: (admin: Client) => Promise<unknown> = async () => 0,
  ) => {
    const berth = await givenBerth({ dataDir, templateFolders: [givenTemplates({ plain: fileOf(description) })] });
    const admin = berth.as('grace');
    await act(admin);
    const { latestVersion, activeVersion } = await admin.getTemplate({ params });
    await berth.end();
    return { latestVersion, activeVersion };
  };
  const params = { template: 'plain' };

  test('is published by a start when it changed, and never replaces an admin’s version', async () => {
    const dataDir = temporaryFolder();
    expect(await startWith(dataDir, 'First')).toEqual({ latestVersion: 1, activeVersion: 1 });
    expect(await startWith(dataDir, 'Second')).toEqual({ latestVersion: 2, activeVersion: 2 });
    const push = (admin: Client) => admin.publishTemplate({ params, body: { file: fileOf('An admin’s own') } });
    expect(await startWith(dataDir, 'Second', push)).toEqual({ latestVersion: 3, activeVersion: 3 });
    expect(await startWith(dataDir, 'Second')).toEqual({ latestVersion: 3, activeVersion: 3 });
    expect(await startWith(dataDir, 'Third')).toEqual({ latestVersion: 4, activeVersion: 3 });
    expect(await startWith(dataDir, 'Third')).toEqual({ latestVersion: 4, activeVersion: 3 });
  });

  test('stays on the version to which an admin rolled back', async () => {
    const dataDir = temporaryFolder();
    await startWith(dataDir, 'First');
    await startWith(dataDir, 'Second', (admin) => admin.promoteTemplate({ params, body: { version: 1 } }));
    expect(await startWith(dataDir, 'Third')).toEqual({ latestVersion: 3, activeVersion: 1 });
    const promote = (admin: Client) => admin.promoteTemplate({ params, body: { version: 3 } });
    expect(await startWith(dataDir, 'Third', promote)).toEqual({ latestVersion: 3, activeVersion: 3 });
    expect(await startWith(dataDir, 'Fourth')).toEqual({ latestVersion: 4, activeVersion: 4 });
  });
});
