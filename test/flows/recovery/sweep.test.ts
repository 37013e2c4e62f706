import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimAgentLocation } from '../../../core/connections/agents/agent-locations.ts';
import { replicaRules } from '../../../core/connections/agents/replicas.ts';
import { workspaceKey } from '../../../core/table/keys.ts';
import { sweep } from '../../../functions/schedule/sweep.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { signalWorkspaces, workspaceProcesses } from '../../support/processes/workspace-processes.ts';

/** The sweep alone repairs the loss of a schedule, a process or a record. */
const template = 'name: plain\ncompute: { kind: process }\nstop: { idleTimeout: 1h }\n';

let berth: TestBerth;
let ahead = 0;
beforeEach(async () => {
  ahead = 0;
  berth = await givenBerth({
    templateFolders: [givenTemplates({ plain: template })],
    clock: () => new Date(Date.now() + ahead),
    sweepEveryMs: 100,
  });
});
afterEach(() => berth.end());

const givenRunning = async () => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
  return untilStatus(berth.as('ada'), id, 'running');
};

const pidsOf = (id: string) =>
  workspaceProcesses(berth.dataDir)
    .filter(({ workspace }) => workspace === id)
    .map(({ pid }) => pid);

const seen = (id: string) => berth.as('ada').getWorkspace({ params: { workspace: id } });

test('a workspace stops although its schedule is lost', async () => {
  const { id } = await givenRunning();
  await berth.runtime.scheduler.remove(id);
  ahead = 61 * 60_000;
  const stopped = await untilStatus(berth.as('ada'), id, 'stopped');
  expect(stopped.build).toMatchObject({ transition: 'stop', reason: 'autostop' });
});

describe('a workspace whose process died', () => {
  const killOnce = async (id: string, build: number) => {
    signalWorkspaces(berth.dataDir, 'SIGKILL', id);
    await expect.poll(async () => (await seen(id)).agent?.status).toBe('disconnected');
    ahead += 30_000;
    await expect.poll(async () => (await seen(id)).build.number).toBeGreaterThan(build);
  };

  test('is shown as disconnected, and started again', async () => {
    const { id } = await givenRunning();
    const extended = await berth.as('ada').extendWorkspace({ params: { workspace: id }, body: { minutes: 240 } });
    await killOnce(id, 1);
    const again = await untilStatus(berth.as('ada'), id, 'running');
    expect(again.stop?.at).toBe(extended.stop?.at);
    const { items } = await berth.as('ada').listBuilds({ params: { workspace: id } });
    expect(items[0]?.because).toMatch(/^The agent ended/);
    expect(again.build).toMatchObject({ number: 2, transition: 'start', reason: 'repair' });
    const { steps } = await berth.as('ada').getBuild({ params: { workspace: id, build: 2 } });
    expect(steps.map(({ name, status }) => `${name} ${status}`)).toEqual(['compute succeeded', 'agent succeeded']);
    expect(pidsOf(id).length).toBeGreaterThan(0);
  });

  test('repeatedly without being used fails with the reason', async () => {
    const { id } = await givenRunning();
    for (const build of [1, 2, 3]) {
      await killOnce(id, build);
      await untilStatus(berth.as('ada'), id, 'running');
    }
    signalWorkspaces(berth.dataDir, 'SIGKILL', id);
    await expect.poll(async () => (await seen(id)).agent?.status).toBe('disconnected');
    ahead += 30_000;
    await expect.poll(async () => (await seen(id)).status).toBe('failed');
    expect((await seen(id)).failure).toMatchObject({ message: expect.stringContaining('3 times in a row') });
    const { items } = await berth.runtime.rules.table.query({ pk: `audit#${id}`, reverse: true, limit: 1 });
    expect(items[0]?.['event']).toMatchObject({ action: 'workspace.fail', actor: 'system', outcome: 'failure' });
    expect((await berth.as('ada').startWorkspace({ params: { workspace: id }, body: {} })).desired).toBe('running');
    await untilStatus(berth.as('ada'), id, 'running');
  });
});

describe('a workspace whose agent was at a replica of the gateway', () => {
  const agentOf = async (id: string) => (await seen(id)).agent?.status;
  const renewReplica = () =>
    replicaRules({ ...berth.runtime.rules, agentKey: 'key' }).renewReplica({ id: 'r-1', address: '127.0.0.1:1' });
  const givenAgentAtReplica = async () => {
    const workspace = await givenRunning();
    await renewReplica();
    const agent = { workspaceId: workspace.id, buildId: workspace.build.id };
    await claimAgentLocation(berth.runtime.rules.table, agent, { replica: 'r-1', connection: 'c-1' });
    await sweep(berth.runtime)({ everything: false });
    expect(await agentOf(workspace.id)).toBe('ready');
    return workspace;
  };

  test('that crashed is shown as disconnected', async () => {
    const { id } = await givenAgentAtReplica();
    ahead += 30_000;
    await expect.poll(() => agentOf(id)).toBe('disconnected');
    expect((await seen(id)).build.number).toBe(1);
  });

  test('whose lease was only late is shown as connected again', async () => {
    const { id } = await givenAgentAtReplica();
    ahead += 30_000;
    await expect.poll(() => agentOf(id)).toBe('disconnected');
    await renewReplica();
    ahead += 21_000;
    await expect.poll(() => agentOf(id)).toBe('ready');
    expect((await seen(id)).build.number).toBe(1);
  });
});

test('compute without a workspace in the table is removed', async () => {
  const { id } = await givenRunning();
  expect(pidsOf(id).length).toBeGreaterThan(0);
  await berth.runtime.rules.table.write([{ delete: workspaceKey(id) }]);
  await expect.poll(() => pidsOf(id)).toEqual([]);
});

test('a sweep changes nothing when nothing is lost', async () => {
  const { id, version } = await givenRunning();
  await sweep(berth.runtime)({ everything: true });
  await sweep(berth.runtime)({ everything: true });
  expect(await seen(id)).toMatchObject({ version, status: 'running', build: { number: 1 } });
});
