import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localSealer } from '../../adapters/sealer/local.ts';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { AgentEvent } from '../../contracts/agent/tunnel.ts';
import type { GatewayRules } from '../gateway.ts';
import { personItem } from '../people/person-record.ts';
import { ada } from '../people/testing/records.ts';
import { createToken, revokeToken } from '../people/tokens.ts';
import type { Rules } from '../rules.ts';
import { deleteWorkspace } from '../workspaces/commands/transitions.ts';
import { buildChange, buildIdOf } from '../workspaces/records/build-record.ts';
import { type WorkspaceRecord, workspaceItem } from '../workspaces/records/workspace-record.ts';
import { loadBuild, loadWorkspace } from '../workspaces/store.ts';
import { givenActiveBuild, givenWorkspace, now } from '../workspaces/testing/records.ts';
import { claimAgentLocation, loadAgentLocation } from './agents/agent-locations.ts';
import { logLimitBytes } from './agents/log-limit.ts';
import { gatewayRules } from './gateway-rules.ts';
import { openApp } from './sessions/app-sessions.ts';
import { createTicket } from './sessions/tickets.ts';

const sealer = localSealer('a secret of this installation only');
const trust = { agentKey: async () => 'key', identities: {}, sealer };
const identity = { verify: () => Promise.reject(new Error('no sign-in in this test')) };

let table: SqliteTable;
let rules: Rules;
let gateway: GatewayRules;
let workspace: WorkspaceRecord;

/** Ada's workspace during its first start. */
beforeEach(async () => {
  table = openSqliteTable(':memory:', { consumers: [] });
  rules = { table, clock: () => now, log: () => undefined, roleGroups: {} };
  gateway = gatewayRules(rules, identity, trust);
  const given = givenActiveBuild(givenWorkspace({ build: { ...givenWorkspace().build, number: 0 } }));
  workspace = given.workspace;
  await table.write([{ put: personItem(ada) }, { put: workspaceItem(workspace) }, buildChange(given.build)]);
});
afterEach(() => table.close());

describe('a connection that a person opened', () => {
  const byToken = async () => {
    const { id, secret } = await createToken(rules, ada, { name: 'ci', days: 1 });
    return { id, opened: await gateway.openSession({ bearer: secret }, workspace.id, 'exec') };
  };
  const byTicket = async () => {
    const { ticket } = await createTicket(rules, ada, workspace.id, undefined);
    return gateway.openSession({ ticket }, workspace.id, 'exec');
  };
  const events = async () => (await table.query({ pk: `audit#${ada.id}`, limit: 100 })).items.length;
  const deactivate = async () => {
    const person = await table.get({ pk: `person#${ada.id}`, sk: 'person' });
    await table.write([{ put: { ...person, pk: `person#${ada.id}`, sk: 'person', active: false } }]);
  };

  test('is checked repeatedly without audit events', async () => {
    const { grant: access } = await byTicket();
    const before = await events();
    for (let n = 0; n < 5; n += 1) await access.recheck();
    expect(await events()).toBe(before);
  });

  test('by a token ends with the token, while connections opened without it stay', async () => {
    const { id, opened } = await byToken();
    const other = await byTicket();
    await opened.grant.recheck();
    await revokeToken(rules, ada, id);
    await expect(opened.grant.recheck()).rejects.toMatchObject({ name: 'unauthenticated' });
    await other.grant.recheck();
    expect(opened.grant.key).not.toBe(other.grant.key);
  });

  test('by a token ends when the token expires, and the token opens no more connections', async () => {
    const { secret, expiresAt } = await createToken(rules, ada, { name: 'ci', days: 1 });
    let time = Date.parse(expiresAt) - 1;
    const timed = gatewayRules({ ...rules, clock: () => new Date(time) }, identity, trust);
    const open = () => timed.openSession({ bearer: secret }, workspace.id, 'exec');
    const { grant: access } = await open();
    await access.recheck();
    time += 1;
    await expect(access.recheck()).rejects.toMatchObject({ name: 'unauthenticated' });
    await expect(open()).rejects.toMatchObject({ name: 'unauthenticated' });
  });

  test('to an app ends after twelve hours, when the person must sign in again', async () => {
    const host = { app: '3000', workspace: workspace.name, owner: workspace.ownerName };
    const { ticket } = await createTicket(rules, ada, workspace.id, host.app);
    const { session, expiresAt } = await gateway.redeemAppTicket(ticket, host);
    expect(expiresAt).toEqual(new Date(now.getTime() + 12 * 3_600_000));
    const openAt = (time: number) => openApp({ ...rules, clock: () => new Date(time) }, session, host);
    expect((await openAt(expiresAt.getTime() - 1)).grant.until).toEqual(expiresAt);
    await expect(openAt(expiresAt.getTime())).rejects.toMatchObject({ name: 'unauthenticated' });
  });

  test('ends when the person is deactivated', async () => {
    const opened = [await byTicket(), (await byToken()).opened];
    await deactivate();
    for (const { grant: access } of opened) {
      await expect(access.recheck()).rejects.toMatchObject({ name: 'unauthenticated' });
    }
  });

  test('ends when the deletion of the workspace is requested, and cannot be opened again', async () => {
    const { grant: access } = await byTicket();
    await deleteWorkspace(rules, ada, workspace.id);
    await expect(access.recheck()).rejects.toMatchObject({ name: 'wrong_state' });
    await expect(byTicket()).rejects.toMatchObject({ name: 'wrong_state' });
    await expect(byToken()).rejects.toMatchObject({ name: 'wrong_state' });
  });
});

describe('a revocation', () => {
  test('is returned by one query for some seconds, with the person or workspace that it concerns', async () => {
    expect([...(await gateway.recentRevocations())]).toEqual([]);
    const { id } = await createToken(rules, ada, { name: 'ci', days: 1 });
    await revokeToken(rules, ada, id);
    await deleteWorkspace(rules, ada, workspace.id);
    expect([...(await gateway.recentRevocations()).values()].sort()).toEqual([ada.id, workspace.id]);
    const later = { ...rules, clock: () => new Date(now.getTime() + 60_000) };
    expect((await gatewayRules(later, identity, trust).recentRevocations()).size).toBe(0);
  });

  test('concerns the connections that the permission opened', async () => {
    const { secret } = await createToken(rules, ada, { name: 'ci', days: 1 });
    const { grant: access } = await gateway.openSession({ bearer: secret }, workspace.id, 'exec');
    expect(access.subjects).toEqual([ada.id, workspace.id]);
  });
});

describe('an agent’s log', () => {
  const log = (seq: number, text: string): AgentEvent => ({
    seq,
    at: now.toISOString(),
    type: 'log',
    step: 'startup',
    text,
  });
  const agent = () => ({ workspaceId: workspace.id, buildId: buildIdOf(workspace.id, 1) });
  const chunks = async () => (await table.query({ pk: `log#${agent().buildId}#startup`, limit: 1_000 })).items;

  test('is stored up to its limit, whatever the agent sends', async () => {
    const text = 'x'.repeat(16_000);
    for (let seq = 1; seq <= 900; seq += 50) {
      await gateway.recordEvents(
        agent(),
        Array.from({ length: 50 }, (_, index) => log(seq + index, text)),
      );
    }
    const kept = await chunks();
    expect(kept.reduce((sum, chunk) => sum + String(chunk['text']).length, 0)).toBeLessThan(logLimitBytes);
    expect(kept.at(-1)?.['text']).toContain('The rest is omitted');
    expect(kept.filter((chunk) => String(chunk['text']).includes('omitted'))).toHaveLength(1);
    expect((await loadBuild(table, workspace.id, 1))?.lastEvent).toBe(900);
  });
});

describe('an agent’s location', () => {
  const agent = () => ({ workspaceId: workspace.id, buildId: buildIdOf(workspace.id, 1) });
  const locationAt = (replica: string) => ({ replica, connection: `connection-to-${replica}` });
  const shown = async () => (await loadWorkspace(table, workspace.id))?.agent?.status;

  test('is that of the newest connection; the late report of an older connection’s loss changes nothing', async () => {
    expect(await gateway.recordConnection(agent(), true, locationAt('a'))).toBeUndefined();
    expect(await gateway.recordConnection(agent(), true, locationAt('b'))).toMatchObject(locationAt('a'));
    await gateway.recordConnection(agent(), false, locationAt('a'));
    expect(await shown()).toBe('connecting');
    await gateway.recordConnection(agent(), false, locationAt('b'));
    expect(await shown()).toBe('disconnected');
    expect(await gateway.recordConnection(agent(), true, locationAt('a'))).toBeUndefined();
  });

  test('is not overwritten by the late write of an older build’s agent', async () => {
    const agentOf = (number: number) => ({ workspaceId: workspace.id, buildId: buildIdOf(workspace.id, number) });
    await claimAgentLocation(table, agentOf(9), locationAt('a'));
    expect(await claimAgentLocation(table, agentOf(10), locationAt('b'))).toMatchObject(locationAt('a'));
    await expect(claimAgentLocation(table, agentOf(9), locationAt('c'))).rejects.toMatchObject({ name: 'wrong_state' });
    await expect(gateway.recordConnection(agentOf(9), true, locationAt('c'))).rejects.toMatchObject({
      name: 'wrong_state',
    });
    expect(await loadAgentLocation(table, workspace.id)).toMatchObject({ ...locationAt('b'), ...agentOf(10) });
  });
});
