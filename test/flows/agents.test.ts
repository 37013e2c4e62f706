import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { agentPath } from '../../contracts/agent.ts';
import { agentToken } from '../../core/secrets.ts';
import { givenBerth, type TestBerth, untilStatus } from '../support/berth.ts';
import { givenExec } from '../support/exec.ts';

let berth: TestBerth;
let id: string;
beforeAll(async () => {
  berth = await givenBerth();
  ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

/** What the gateway answers to an agent that dials with a token; 101 is a welcome. */
const dial = async (token: string): Promise<number> => {
  const socket = new WebSocket(berth.url.replace('http', 'ws') + agentPath, {
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

const tokenOf = (build: number) => agentToken(berth.runtime.rules.agentKey, id, build);

test('a forged token is refused, and so is one that another installation signed', async () => {
  expect(await dial('nonsense')).toBe(401);
  expect(await dial(agentToken('another key', id, 1))).toBe(401);
  expect(await dial(`${tokenOf(1)}x`)).toBe(401);
  expect(await dial(berth.tokenOf('ada'))).toBe(401);
});

test('a token of a workspace that is not there, or of a build to come, ends its agent', async () => {
  expect(await dial(agentToken(berth.runtime.rules.agentKey, 'ws-01h00000000000000000000000', 1))).toBe(410);
  expect(await dial(tokenOf(2))).toBe(410);
});

test('a token dies with its build', async () => {
  const params = { workspace: id };
  await berth.as('ada').stopWorkspace({ params });
  await untilStatus(berth.as('ada'), id, 'stopped');
  expect(await dial(tokenOf(1))).toBe(410);
  await berth.as('ada').startWorkspace({ params, body: {} });
  await untilStatus(berth.as('ada'), id, 'running');
  expect(await dial(tokenOf(1))).toBe(410);
  expect(await dial(tokenOf(3))).toBe(101);
});

test('a session in another person’s workspace is refused, and the attempt is audited', async () => {
  await expect(givenExec(berth, id, ['true'], 'linus')).rejects.toThrow(/404/);
  const linus = await berth.as('linus').me();
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${linus.id}`, reverse: true, limit: 1 });
  expect(items[0]?.['event']).toMatchObject({ action: 'access.refuse', outcome: 'failure', details: { subject: id } });
});
