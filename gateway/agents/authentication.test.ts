import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import { ask, type Berth, cleanUp, givenBerth, givenWorkspace, logOf, untilReady } from '../testing/harness.ts';
import { oneTimeTokenOf } from '../testing/rules.ts';

afterEach(cleanUp);

const post = (berth: Berth, body: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${berth.port}/agent/sign-on`, { method: 'POST', body, ...init });
const requestOf = (id: string, token: string) =>
  JSON.stringify({ kind: 'one-time', workspaceId: id, token, nonce: 'n'.repeat(43) });

describe('sign-on', () => {
  it('answers the token of the build, to be kept by nobody on the way', async () => {
    const berth = await givenBerth();
    const { id, token } = await givenWorkspace(berth);
    const answer = await post(berth, requestOf(id, oneTimeTokenOf({ id })));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({ token });
  });

  it('says the same of whatever it refuses', async () => {
    const berth = await givenBerth();
    const { id } = await givenWorkspace(berth);
    const wrong = await post(berth, requestOf(id, 'wrong'));
    const absent = await post(berth, requestOf(`ws-${'9'.repeat(26)}`, 'wrong'));
    expect([wrong.status, absent.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await absent.text());
  });

  it.each([
    ['no JSON', 'nonsense', 400],
    ['no sign-on', '{"kind":"one-time"}', 400],
    [
      'a field too many',
      '{"kind":"kubernetes","workspaceId":"ws-00000000000000000000000001","token":"t","url":"x"}',
      400,
    ],
    ['more than 16 KB', JSON.stringify({ kind: 'x'.repeat(20_000) }), 413],
  ])('refuses %s', async (_, body, status) => {
    expect((await post(await givenBerth(), body)).status).toBe(status);
  });

  it('takes POST alone', async () => {
    const berth = await givenBerth();
    expect((await fetch(`http://127.0.0.1:${berth.port}/agent/sign-on`)).status).toBe(405);
  });

  it('is no business of an app’s host', async () => {
    const berth = await givenBerth();
    let asked = 0;
    berth.rules.authenticateAgent = async () => {
      asked += 1;
      return { token: 'a token' };
    };
    const body = requestOf(`ws-${'0'.repeat(26)}`, 't');
    expect((await ask(berth, 'web--demo--ada', '/agent/sign-on', { method: 'POST', body })).body).not.toContain(
      'a token',
    );
    expect(asked).toBe(0);
  });

  it('tells the log of a fault, and the agent nothing of its inside', async () => {
    const berth = await givenBerth();
    berth.rules.authenticateAgent = async () => Promise.reject(new Error('the table is away'));
    const answer = await post(berth, requestOf(`ws-${'0'.repeat(26)}`, 't'));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('table');
    expect(berth.log.join()).toContain('the table is away');
  });
});

describe('an agent', () => {
  it('whose sign-on cannot be answered just now comes again', async () => {
    const berth = await givenBerth();
    const signOn = berth.rules.authenticateAgent.bind(berth.rules);
    let failures = 3;
    berth.rules.authenticateAgent = async (request) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the table is away');
      return signOn(request);
    };
    await givenWorkspace(berth);
    await untilReady(berth);
  });

  it('whose token is refused signs on once more, then ends itself', async () => {
    const berth = await givenBerth();
    const signOn = berth.rules.authenticateAgent.bind(berth.rules);
    let asked = 0;
    berth.rules.authenticateAgent = async (request) => {
      asked += 1;
      await signOn(request);
      return { token: 'of another installation' };
    };
    const { ended } = await givenWorkspace(berth);
    expect(await ended).toBe(41);
    expect(asked).toBe(2);
  });

  it('whose token was withdrawn goes on with another one', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth);
    await untilReady(berth);
    workspace.token = 'after the key was changed';
    berth.gateway.disconnect(workspace.id);
    await expect.poll(() => berth.gateway.connected()).toEqual([workspace.id]);
  });

  it('has no token in its environment that is of use, and gives what it has to nobody', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { startup: 'env; cat /proc/$PPID/environ | tr "\\0" "\\n"' });
    await untilReady(berth);
    const environ = readFileSync(`/proc/${workspace.agent.pid}/environ`, 'latin1');
    expect(environ).toContain(oneTimeTokenOf(workspace));
    expect(environ).not.toContain(workspace.token);
    expect(logOf(berth, 'startup')).not.toContain(workspace.token);
  });

  it('that is refused says so and nothing else', async () => {
    const berth = await givenBerth();
    berth.rules.authenticateAgent = async () => {
      throw new BerthError('agent_refused', 'No.');
    };
    expect(await (await givenWorkspace(berth)).ended).toBe(41);
    expect(berth.rules.connections).toEqual([]);
  });
});
