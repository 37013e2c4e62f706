import { beforeEach, describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../../adapters/table/sqlite/table.ts';
import type { AgentAuthenticationRequest } from '../../../contracts/agent/authentication.ts';
import { agentToken, oneTimeToken } from '../../crypto/secrets.ts';
import { BerthError } from '../../errors.ts';
import type { AgentIdentities } from '../../ports/agent-identities.ts';
import { buildChange } from '../../workspaces/records/build-record.ts';
import { workspaceItem } from '../../workspaces/records/workspace-record.ts';
import { changeWorkspace, loadBuild, loadWorkspace } from '../../workspaces/store.ts';
import { givenActiveBuild, givenWorkspace, now } from '../../workspaces/testing/records.ts';
import { authenticateAgent } from './agent-authentication.ts';
import { relaunchAfterLoss } from './agent-relaunch.ts';

const key = 'the key of this installation';
const id = givenWorkspace().id;
const other = 'ws-01jd000000000000000000000b';
const nonce = 'n'.repeat(43);

const noPlatform = () => new BerthError('agent_refused', 'No.');
/** Platforms that confirm what the test passes as plain text: the pod's name or the instance's ID. */
const identities: AgentIdentities = {
  kubernetes: async (token) => {
    if (token === 'forged') throw noPlatform();
    if (token === 'unreachable') throw new Error('the cluster is unreachable');
    return { namespace: 'workspaces', pod: token };
  },
  ec2: async (document, signature) => {
    if (signature !== 'by AWS') throw noPlatform();
    return { instanceId: document };
  },
};

let rules: { table: ReturnType<typeof openSqliteTable>; clock: () => Date; log: () => void; roleGroups: object };
const build = 2;
beforeEach(async () => {
  const table = openSqliteTable(':memory:');
  rules = { table, clock: () => now, log: () => undefined, roleGroups: {} };
  const active = givenActiveBuild(givenWorkspace());
  await table.write([
    { put: workspaceItem(active.workspace) },
    buildChange(active.build),
    { put: { pk: 'lease#i-1', sk: 'lease', workspaceId: id, buildId: active.build.id, state: 'leased' } },
    { put: { pk: 'lease#i-2', sk: 'lease', workspaceId: other, buildId: `${other}-2`, state: 'leased' } },
    { put: { pk: 'lease#i-3', sk: 'lease', workspaceId: id, buildId: `${id}-1`, state: 'leased' } },
    { put: { pk: 'lease#i-4', sk: 'lease', state: 'ended' } },
  ]);
});

const authenticate = (request: AgentAuthenticationRequest, trusted = identities) =>
  authenticateAgent(rules, { agentKey: async () => key, identities: trusted }, request);
const asPod = (token: string, workspaceId = id): AgentAuthenticationRequest => ({
  kind: 'kubernetes',
  workspaceId,
  token,
});
const asMachine = (document: string, workspaceId = id): AgentAuthenticationRequest => ({
  kind: 'ec2',
  workspaceId,
  document,
  signature: 'by AWS',
});
const withToken = (token = oneTimeToken(key, id, build), by = nonce): AgentAuthenticationRequest => ({
  kind: 'one-time',
  workspaceId: id,
  token,
  nonce: by,
});

const refusals = async () => {
  const { items } = await rules.table.query({ pk: `audit#${id}`, limit: 100 });
  return items.map((item) => item['event']).filter((event) => (event as { action: string }).action === 'access.refuse');
};
const message = 'The agent does not belong to an active build. Start the workspace again.';
const refused = async (request: AgentAuthenticationRequest, trusted = identities) => {
  await expect(authenticate(request, trusted)).rejects.toMatchObject({ name: 'agent_refused', message });
};

/** The build has ended: another build stopped the workspace. */
const givenStopped = () =>
  changeWorkspace(rules, id, (workspace) => ({
    workspace: { ...workspace, status: 'stopped', build: { ...workspace.build, number: 3, transition: 'stop' } },
  }));

describe('an agent that authenticates', () => {
  it.each([
    ['from the pod of its build', asPod(`${id}-b${build}`)],
    ['from the machine that is leased to its build', asMachine('i-1')],
    ['with its one-time token', withToken()],
  ])('%s gets the token of the build', async (_, request) => {
    expect(await authenticate(request)).toEqual({ token: agentToken(key, id, build) });
    expect(await refusals()).toEqual([]);
  });

  it.each([
    ['a token unknown to the cluster', asPod('forged')],
    ['another workspace’s pod', asPod(`${other}-b${build}`)],
    ['the pod of an earlier build', asPod(`${id}-b1`)],
    ['the pod of a later build', asPod(`${id}-b3`)],
    ['a pod whose name only begins with the right one', asPod(`${id}-b${build}-x`)],
    [
      'a document that AWS did not sign',
      { ...asMachine('i-1'), signature: 'by somebody' } as AgentAuthenticationRequest,
    ],
    ['another workspace’s machine', asMachine('i-2')],
    ['a machine that was leased to an earlier build', asMachine('i-3')],
    ['a machine whose lease ended', asMachine('i-4')],
    ['a machine without a lease', asMachine('i-9')],
    ['a one-time token of an earlier build', withToken(oneTimeToken(key, id, 1))],
    ['another workspace’s one-time token', withToken(oneTimeToken(key, other, build))],
    ['a one-time token of another installation', withToken(oneTimeToken('other key', id, build))],
    ['the agent token in place of the one-time token', withToken(agentToken(key, id, build))],
    ['an empty token', withToken('')],
  ])('with %s is refused with the same message as any other, and audited', async (_, request) => {
    await refused(request);
    expect(await refusals()).toMatchObject([
      { subject: id, actor: 'system', outcome: 'failure', details: { route: 'sign-on', kind: request.kind } },
    ]);
  });

  it.each([
    ['pod', asPod(`${id}-b${build}`)],
    ['machine', asMachine('i-1')],
    ['one-time token', withToken()],
  ])('is refused after its build ended, although its %s was accepted before', async (_, request) => {
    await authenticate(request);
    await givenStopped();
    await refused(request);
  });

  it('is refused once its start was canceled', async () => {
    const before = await loadBuild(rules.table, id, build);
    await changeWorkspace(rules, id, () => ({ builds: before === undefined ? [] : [{ ...before, cancel: true }] }));
    await refused(asPod(`${id}-b${build}`));
  });

  it('of a workspace that does not exist is refused with the same message', async () => {
    await refused(asPod(`${other}-b1`, other));
  });

  it('is refused by a platform that this installation does not use', async () => {
    await refused(asPod(`${id}-b${build}`), {});
    await refused(asMachine('i-1'), {});
  });

  it('may retry when the platform is unreachable, which is not a refusal', async () => {
    await expect(authenticate(asPod('unreachable'))).rejects.toThrow('the cluster is unreachable');
    expect(await refusals()).toEqual([]);
  });
});

describe('a one-time token', () => {
  it('is valid for one agent, which may repeat it when a response was lost', async () => {
    expect(await authenticate(withToken())).toEqual(await authenticate(withToken()));
    await refused(withToken(undefined, 'm'.repeat(43)));
  });

  it('that several agents use at the same time admits one of them', async () => {
    const nonces = Array.from({ length: 8 }, (_, index) => String(index).repeat(43));
    const results = await Promise.allSettled(nonces.map((by) => authenticate(withToken(undefined, by))));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

it('audits only a few refusals per build, so that nobody can fill the audit chain from outside', async () => {
  for (let time = 0; time < 15; time += 1) await refused(asPod('forged'));
  expect(await refusals()).toHaveLength(10);
  const { version } = (await loadWorkspace(rules.table, id)) ?? {};
  await refused(asPod('forged'));
  expect((await loadWorkspace(rules.table, id))?.version).toBe(version);
});

describe('an agent whose compute was launched again', () => {
  const relaunch = async () => {
    const workspace = await loadWorkspace(rules.table, id);
    const active = await loadBuild(rules.table, id, build);
    if (workspace === undefined || active === undefined) throw new Error('there is no active build');
    await relaunchAfterLoss(rules, { workspace, build: active }, async () => 'its compute was gone');
  };

  it('authenticates with the token of its own launch, and the previous token is refused', async () => {
    await authenticate(withToken());
    await relaunch();
    await refused(withToken());
    await refused(withToken(oneTimeToken(key, id, build), 'm'.repeat(43)));
    const next = oneTimeToken(key, id, build, 1);
    expect(await authenticate(withToken(next, 'm'.repeat(43)))).toEqual({ token: agentToken(key, id, build) });
    await refused(withToken(next));
  });

  it('keeps its token while the compute continues to run', async () => {
    await authenticate(withToken());
    const workspace = await loadWorkspace(rules.table, id);
    const active = await loadBuild(rules.table, id, build);
    if (workspace === undefined || active === undefined) throw new Error('there is no active build');
    await relaunchAfterLoss(rules, { workspace, build: active }, async () => undefined);
    expect(await authenticate(withToken())).toEqual({ token: agentToken(key, id, build) });
  });
});
