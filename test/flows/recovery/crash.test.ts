import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../../contracts/client/client.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { givenTemplates } from '../../support/berth.ts';
import { auditProblems, deliveredAudit } from '../../support/checks/audit-chains.ts';
import { freePort } from '../../support/free-port.ts';
import { givenServer, type ServerProcess } from '../../support/processes/server-process.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/**
 * `kill -9` of the whole server at random moments of create, start, stop and delete. After each, the next server must
 * reach every desired state, with nothing left over and nothing lost.
 */
const moments = 24;
const longestMs = 700;

const template = `
name: crash
compute: { kind: process }
agent:
  startup: |
    echo started
    sleep 0.2
`;

const dataDir = temporaryFolder();
const templates = givenTemplates({ crash: template });
let server: ServerProcess;
let ada: Client;

/** Agents reconnect to the port of the server before. */
const port = await freePort();
const start = async () => {
  server = await givenServer(dataDir, templates, port);
  ada = server.as('ada');
};

beforeAll(start);
afterAll(async () => {
  await server.stop();
  expect(workspaceProcesses(dataDir)).toEqual([]);
});

/** A new seed for each run, printed so that a failure can be repeated. */
const seed = Number(process.env['BERTH_CRASH_SEED'] ?? Date.now() % 100_000);
let state = seed;
const random = () => {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
};

const list = async (): Promise<Workspace[]> => (await ada.listWorkspaces({ query: { limit: 100 } })).items;

const isBuilding = (workspace: Workspace) => ['pending', 'running'].includes(workspace.build.status);

/** Sends a random request that a person could send next. */
const requestSomething = async (round: number): Promise<void> => {
  const all = await list();
  const chosen = all[Math.floor(random() * all.length)];
  const dice = random();
  if (chosen === undefined || dice < 0.35) {
    await ada.createWorkspace({ body: { name: `w${round}`, template: 'crash' } });
  } else if (dice < 0.55) {
    await ada.startWorkspace({ params: { workspace: chosen.id }, body: {} });
  } else if (dice < 0.8) {
    await ada.stopWorkspace({ params: { workspace: chosen.id } });
  } else {
    await ada.deleteWorkspace({ params: { workspace: chosen.id } });
  }
};

const untilSettled = async () => {
  await expect
    .poll(async () => (await list()).filter(isBuilding).map(({ name, status }) => `${name} ${status}`), {
      timeout: 30_000,
      interval: 50,
    })
    .toEqual([]);
};

const runningIds = (workspaces: Workspace[]) =>
  workspaces
    .filter(({ desired }) => desired === 'running')
    .map(({ id }) => id)
    .sort();

test(`after ${moments} crashes every workspace is in its desired state (BERTH_CRASH_SEED=${seed})`, async () => {
  for (let round = 1; round <= moments; round++) {
    await requestSomething(round);
    await new Promise((resolve) => setTimeout(resolve, random() * longestMs));
    await server.kill();
    await start();
    await untilSettled();

    const workspaces = await list();
    for (const { name, status, desired, failure } of workspaces) {
      expect({ name, status, failure }, `round ${round}`).toEqual({ name, status: desired });
    }
    await expect
      .poll(() => [...new Set(workspaceProcesses(dataDir).map(({ workspace }) => workspace))].sort(), {
        timeout: 60_000,
      })
      .toEqual(runningIds(workspaces));
  }
  await expect.poll(() => auditProblems(deliveredAudit(dataDir)), { timeout: 60_000 }).toEqual([]);
  const events = [...deliveredAudit(dataDir).values()].flat();
  const creates = events.filter(({ action }) => action === 'workspace.create').length;
  const deletes = events.filter(({ action }) => action === 'workspace.delete').length;
  expect(creates - deletes).toBe((await list()).length);
}, 240_000);
