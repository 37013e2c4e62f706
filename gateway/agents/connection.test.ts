import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  cleanUp,
  givenBerth,
  givenLine,
  givenWorkspace,
  isAlive,
  logOf,
  statusOf,
  untilReady,
} from '../testing/harness.ts';

afterEach(cleanUp);

const counting = 'for i in $(seq 1 60); do echo "line $i"; sleep 0.05; done';
const counted = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join('');

const residentKb = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

describe('a lost connection', () => {
  it('is opened again, and no event is lost or duplicated', async () => {
    const berth = await givenBerth();
    const line = await givenLine(berth.port);
    await givenWorkspace(berth, { startup: counting, port: line.port });
    for (const text of ['line 5\n', 'line 20\n', 'line 40\n']) {
      await expect.poll(() => logOf(berth, 'startup')).toContain(text);
      line.cut();
    }
    await untilReady(berth);
    // The first connection was for the authentication.
    await expect.poll(() => line.opened()).toBe(1 + 4);
    expect(logOf(berth, 'startup')).toBe(counted);
    expect(berth.rules.events.map(({ seq }) => seq)).toEqual(berth.rules.events.map((_, index) => index + 1));
    expect(berth.rules.connections.at(-1)).toBe(true);
  });

  it('that went silent is noticed by the agent, which connects again', async () => {
    const berth = await givenBerth({ heartbeatMs: 100 });
    const line = await givenLine(berth.port);
    await givenWorkspace(berth, { port: line.port });
    await untilReady(berth);
    await expect.poll(() => berth.rules.connections.at(-1)).toBe(true);
    const before = berth.rules.connections.length;
    line.silence();
    // The gateway may record the end of the old connection before or after the new one, or not at all.
    await expect.poll(() => berth.rules.connections.slice(before)).toContain(true);
  });

  it('to an agent that went silent is noticed by the gateway', async () => {
    const berth = await givenBerth({ heartbeatMs: 100 });
    const { agent } = await givenWorkspace(berth);
    await untilReady(berth);
    agent.kill('SIGSTOP');
    await expect.poll(() => berth.rules.connections.at(-1)).toBe(false);
    agent.kill('SIGCONT');
    await expect.poll(() => berth.rules.connections.at(-1)).toBe(true);
  });

  it('is opened again after the gateway closed it', async () => {
    const berth = await givenBerth();
    const { id } = await givenWorkspace(berth);
    await untilReady(berth);
    berth.gateway.disconnect(id);
    await expect.poll(() => berth.gateway.connected()).toEqual([]);
    await expect.poll(() => berth.gateway.connected()).toEqual([id]);
  });
});

describe('recording events', () => {
  it('continues in order after an outage of the table', async () => {
    const berth = await givenBerth();
    berth.rules.failures = 3;
    await givenWorkspace(berth, { startup: 'echo one; echo two' });
    await untilReady(berth);
    expect(berth.rules.failures).toBe(0);
    expect(berth.rules.events.map(({ seq }) => seq)).toEqual(berth.rules.events.map((_, index) => index + 1));
    expect(berth.log.filter((line) => line.includes('recording events failed'))).toHaveLength(3);
  });
});

describe('an agent', () => {
  it('with an unknown token exits', async () => {
    const berth = await givenBerth();
    const { ended } = await givenWorkspace(berth, { token: 'forged' });
    expect(await ended).toBe(41);
    expect(berth.rules.events).toEqual([]);
  });

  it('whose build has ended exits, and ends everything that it started', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { startup: 'sleep 301 & echo $! > child' });
    await untilReady(berth);
    workspace.over = true;
    berth.gateway.disconnect(workspace.id);
    expect(await workspace.ended).toBe(42);
    expect(isAlive(readFileSync(join(workspace.home, 'child'), 'utf8').trim())).toBe(false);
  });

  it('whose build ends while it sends events is disconnected and exits', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { startup: counting });
    await expect.poll(() => logOf(berth, 'startup')).toContain('line 3\n');
    workspace.over = true;
    expect(await workspace.ended).toBe(42);
    expect(statusOf(berth)).toBeUndefined();
  });

  it('tries again while the table is down', async () => {
    const berth = await givenBerth();
    const admit = berth.rules.admitAgent.bind(berth.rules);
    let attempts = 0;
    berth.rules.admitAgent = async (token) => {
      attempts += 1;
      if (attempts < 3) throw new Error('the table is down');
      return admit(token);
    };
    await givenWorkspace(berth);
    await untilReady(berth);
    expect(attempts).toBe(3);
  });

  it('uses little memory while it is idle', async () => {
    const berth = await givenBerth();
    const { agent, home } = await givenWorkspace(berth, { startup: 'echo hi' });
    await untilReady(berth);
    await expect.poll(() => berth.gateway.connected()).toHaveLength(1);
    expect(readFileSync(join(home, '.agent', 'startup.sh'), 'utf8')).toBe('echo hi');
    expect(residentKb(agent.pid), 'KB').toBeLessThan(70_000);
  });
});
