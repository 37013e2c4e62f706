import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { agentAuthenticationPath, agentPath, tunnelProtocol } from '../../../contracts/agent/wire.ts';
import { agentToken, oneTimeToken } from '../../../core/crypto/secrets.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { givenExec } from '../../support/clients/exec.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';

let berth: TestBerth;
let id: string;
beforeAll(async () => {
  berth = await givenBerth();
  ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

/** Returns the status of the gateway's response to an agent that connects with a token; 101 means accepted. */
const dial = async (token: string): Promise<number> => {
  const socket = new WebSocket(berth.url.replace('http', 'ws') + agentPath, [tunnelProtocol], {
    headers: { authorization: `Bearer ${token}` },
  });
  socket.on('error', () => socket.terminate());
  const status = await Promise.race([
    once(socket, 'unexpected-response').then(([, response]) => (response as IncomingMessage).statusCode ?? 0),
    once(socket, 'open').then(() => 101),
  ]);
  socket.terminate();
  return status;
};

const tokenOf = async (build: number) => agentToken(await berth.runtime.agentKey(), id, build);

test('refuses a forged token, and one that another installation signed', async () => {
  expect(await dial('nonsense')).toBe(401);
  expect(await dial(agentToken('another key', id, 1))).toBe(401);
  expect(await dial(`${await tokenOf(1)}x`)).toBe(401);
  expect(await dial(berth.tokenOf('ada'))).toBe(401);
});

test('a token of an unknown workspace or of a future build ends its agent', async () => {
  expect(await dial(agentToken(await berth.runtime.agentKey(), 'ws-01h00000000000000000000000', 1))).toBe(410);
  expect(await dial(await tokenOf(2))).toBe(410);
});

/** Authenticates with a workspace's one-time token. */
const authenticate = (token: string, nonce = 'n'.repeat(43)) =>
  fetch(new URL(agentAuthenticationPath, berth.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'one-time', workspaceId: id, token, nonce }),
  });

test('refuses and audits the used one-time token that is left in an agent’s environment', async () => {
  const [agent] = workspaceProcesses(berth.dataDir).filter(({ workspace }) => workspace === id);
  const environ = readFileSync(`/proc/${agent?.pid}/environ`, 'latin1');
  const token = /BERTH_AGENT_TOKEN=([^\0]*)/.exec(environ)?.[1] ?? '';
  expect(token).toBe(oneTimeToken(await berth.runtime.agentKey(), id, 1));
  expect(environ).not.toContain(await tokenOf(1));
  expect((await authenticate(token)).status).toBe(401);
  expect(await dial(token)).toBe(401);
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${id}`, reverse: true, limit: 1 });
  expect(items[0]?.['event']).toMatchObject({
    action: 'access.refuse',
    details: { route: 'sign-on', kind: 'one-time' },
  });
});

test('a token becomes invalid with its build', async () => {
  const params = { workspace: id };
  await berth.as('ada').stopWorkspace({ params });
  await untilStatus(berth.as('ada'), id, 'stopped');
  expect(await dial(await tokenOf(1))).toBe(410);
  await berth.as('ada').startWorkspace({ params, body: {} });
  await untilStatus(berth.as('ada'), id, 'running');
  expect(await dial(await tokenOf(1))).toBe(410);
  expect(await dial(await tokenOf(3))).toBe(101);
});

test('refuses a session in another person’s workspace, and audits the attempt', async () => {
  await expect(givenExec(berth, id, ['true'], 'linus')).rejects.toThrow(/404/);
  const linus = await berth.as('linus').me();
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${linus.id}`, reverse: true, limit: 1 });
  expect(items[0]?.['event']).toMatchObject({ action: 'access.refuse', outcome: 'failure', details: { subject: id } });
});
