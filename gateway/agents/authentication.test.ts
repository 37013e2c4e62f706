import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import { type Berth, cleanUp, givenBerth, givenWorkspace, logOf, requestApp, untilReady } from '../testing/harness.ts';
import { oneTimeTokenOf } from '../testing/rules.ts';

afterEach(cleanUp);

const post = (berth: Berth, body: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${berth.port}/agent/sign-on`, { method: 'POST', body, ...init });
const requestOf = (id: string, token: string) =>
  JSON.stringify({ kind: 'one-time', workspaceId: id, token, nonce: 'n'.repeat(43) });

describe('agent authentication', () => {
  it('returns the token of the build, in a response that may not be cached', async () => {
    const berth = await givenBerth();
    const { id, token } = await givenWorkspace(berth);
    const response = await post(berth, requestOf(id, oneTimeTokenOf({ id })));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ token });
  });

  it('responds the same to every refused token', async () => {
    const berth = await givenBerth();
    const { id } = await givenWorkspace(berth);
    const wrong = await post(berth, requestOf(id, 'wrong'));
    const absent = await post(berth, requestOf(`ws-${'9'.repeat(26)}`, 'wrong'));
    expect([wrong.status, absent.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await absent.text());
  });

  it.each([
    ['no JSON', 'nonsense', 400],
    ['an incomplete request', '{"kind":"one-time"}', 400],
    [
      'an unknown field',
      '{"kind":"kubernetes","workspaceId":"ws-00000000000000000000000001","token":"t","url":"x"}',
      400,
    ],
    ['more than 16 KB', JSON.stringify({ kind: 'x'.repeat(20_000) }), 413],
  ])('refuses %s', async (_, body, status) => {
    expect((await post(await givenBerth(), body)).status).toBe(status);
  });

  it('accepts only POST', async () => {
    const berth = await givenBerth();
    expect((await fetch(`http://127.0.0.1:${berth.port}/agent/sign-on`)).status).toBe(405);
  });

  it('is not served on the host of an app', async () => {
    const berth = await givenBerth();
    let calls = 0;
    berth.rules.authenticateAgent = async () => {
      calls += 1;
      return { token: 'a token' };
    };
    const body = requestOf(`ws-${'0'.repeat(26)}`, 't');
    expect((await requestApp(berth, 'web--demo--ada', '/agent/sign-on', { method: 'POST', body })).body).not.toContain(
      'a token',
    );
    expect(calls).toBe(0);
  });

  it('logs an unexpected error, and does not send its details to the agent', async () => {
    const berth = await givenBerth();
    berth.rules.authenticateAgent = async () => Promise.reject(new Error('the table is down'));
    const response = await post(berth, requestOf(`ws-${'0'.repeat(26)}`, 't'));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('table');
    expect(berth.log.join()).toContain('the table is down');
  });
});

describe('an agent', () => {
  it('retries its authentication during an outage', async () => {
    const berth = await givenBerth();
    const authenticate = berth.rules.authenticateAgent.bind(berth.rules);
    let failures = 3;
    berth.rules.authenticateAgent = async (request) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the table is down');
      return authenticate(request);
    };
    await givenWorkspace(berth);
    await untilReady(berth);
  });

  it('whose token is refused authenticates once more, then exits', async () => {
    const berth = await givenBerth();
    const authenticate = berth.rules.authenticateAgent.bind(berth.rules);
    let calls = 0;
    berth.rules.authenticateAgent = async (request) => {
      calls += 1;
      await authenticate(request);
      return { token: 'of another installation' };
    };
    const { ended } = await givenWorkspace(berth);
    expect(await ended).toBe(41);
    expect(calls).toBe(2);
  });

  it('whose token was revoked continues with a new one', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth);
    await untilReady(berth);
    workspace.token = 'after the key was changed';
    berth.gateway.disconnect(workspace.id);
    await expect.poll(() => berth.gateway.connected()).toEqual([workspace.id]);
  });

  it('has no usable token in its environment, and passes its token to no other process', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { startup: 'env; cat /proc/$PPID/environ | tr "\\0" "\\n"' });
    await untilReady(berth);
    const environ = readFileSync(`/proc/${workspace.agent.pid}/environ`, 'latin1');
    expect(environ).toContain(oneTimeTokenOf(workspace));
    expect(environ).not.toContain(workspace.token);
    expect(logOf(berth, 'startup')).not.toContain(workspace.token);
  });

  it('that is refused exits without having connected', async () => {
    const berth = await givenBerth();
    berth.rules.authenticateAgent = async () => {
      throw new BerthError('agent_refused', 'No.');
    };
    expect(await (await givenWorkspace(berth)).ended).toBe(41);
    expect(berth.rules.connections).toEqual([]);
  });
});
