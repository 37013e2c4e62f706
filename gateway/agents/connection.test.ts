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
  it('is dialled again, and neither loses nor doubles an event', async () => {
    const berth = await givenBerth();
    const line = await givenLine(berth.port);
    await givenWorkspace(berth, { startup: counting, port: line.port });
    for (const text of ['line 5\n', 'line 20\n', 'line 40\n']) {
      await expect.poll(() => logOf(berth, 'startup'), { timeout: 10_000 }).toContain(text);
      line.cut();
    }
    await untilReady(berth);
    // The first one to sign on.
    expect(line.opened()).toBe(1 + 4);
    expect(logOf(berth, 'startup')).toBe(counted);
    expect(berth.rules.events.map(({ seq }) => seq)).toEqual(berth.rules.events.map((_, index) => index + 1));
    expect(berth.rules.connections.at(-1)).toBe(true);
  });

  it('that nobody is told of is noticed by the agent, which dials anew', async () => {
    const berth = await givenBerth({ heartbeatMs: 100 });
    const line = await givenLine(berth.port);
    await givenWorkspace(berth, { port: line.port });
    await untilReady(berth);
    await expect.poll(() => berth.rules.connections).toEqual([true]);
    line.silence();
    // Whether the gateway hears of the old connection's end before the new one comes is chance.
    await expect.poll(() => berth.rules.connections.slice(1), { timeout: 10_000 }).toContain(true);
  });

  it('to an agent that says nothing any more is noticed by the gateway', async () => {
    const berth = await givenBerth({ heartbeatMs: 100 });
    const { agent } = await givenWorkspace(berth);
    await untilReady(berth);
    agent.kill('SIGSTOP');
    await expect.poll(() => berth.rules.connections, { timeout: 10_000 }).toEqual([true, false]);
    agent.kill('SIGCONT');
    await expect.poll(() => berth.rules.connections, { timeout: 10_000 }).toEqual([true, false, true]);
  });

  it('is made again after the gateway dropped it', async () => {
    const berth = await givenBerth();
    const { id } = await givenWorkspace(berth);
    await untilReady(berth);
    berth.gateway.disconnect(id);
    await expect.poll(() => berth.gateway.connected()).toEqual([]);
    await expect.poll(() => berth.gateway.connected()).toEqual([id]);
  });
});

describe('writing events', () => {
  it('goes on, in order, when the table comes back', async () => {
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
  it('whose token is not known ends itself', async () => {
    const berth = await givenBerth();
    const { ended } = await givenWorkspace(berth, { token: 'forged' });
    expect(await ended).toBe(41);
    expect(berth.rules.events).toEqual([]);
  });

  it('whose build is over ends itself, and everything it started', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { startup: 'sleep 301 & echo $! > child' });
    await untilReady(berth);
    workspace.over = true;
    berth.gateway.disconnect(workspace.id);
    expect(await workspace.ended).toBe(42);
    expect(isAlive(readFileSync(join(workspace.home, 'child'), 'utf8').trim())).toBe(false);
  });

  it('whose build ends while it talks is cut off and ends itself', async () => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { startup: counting });
    await expect.poll(() => logOf(berth, 'startup')).toContain('line 3\n');
    workspace.over = true;
    expect(await workspace.ended).toBe(42);
    expect(statusOf(berth)).toBeUndefined();
  });

  it('is asked again while the rules are away', async () => {
    const berth = await givenBerth();
    const admit = berth.rules.admitAgent.bind(berth.rules);
    let asked = 0;
    berth.rules.admitAgent = async (token) => {
      asked += 1;
      if (asked < 3) throw new Error('the table is away');
      return admit(token);
    };
    await givenWorkspace(berth);
    await untilReady(berth);
    expect(asked).toBe(3);
  });

  it('stays small while it idles', async () => {
    const berth = await givenBerth();
    const { agent, home } = await givenWorkspace(berth, { startup: 'echo hi' });
    await untilReady(berth);
    await expect.poll(() => berth.gateway.connected()).toHaveLength(1);
    expect(readFileSync(join(home, '.agent', 'startup.sh'), 'utf8')).toBe('echo hi');
    expect(residentKb(agent.pid), 'KB').toBeLessThan(70_000);
  });
});
