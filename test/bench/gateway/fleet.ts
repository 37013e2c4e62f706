import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { percentile, spread } from '../measuring/percentile.ts';
import { residentMb } from '../server/memory.ts';
import { untilServed } from './data-plane.ts';
import { givenDataPlane } from './fixture.ts';
import { type OpenSession, openSession } from './traffic.ts';

const agents = 2_000;
/** Long enough for every agent to receive several pings and activity requests. */
const restMs = 12_000;
const busy = 50;
const keystrokes = 400;
const betweenKeysMs = 20;

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1_000;

/** 2,000 idle agents: their cost for the gateway, and the time they take to reconnect to a new gateway. */
export const fleet: Benchmark = {
  name: 'fleet',
  run: async () => {
    await using plane = await givenDataPlane(agents);
    const before = residentMb(plane.gatewayPid());
    const startedAt = performance.now();
    const all = plane.startAgents(1, agents);
    await all.untilConnected(agents - 1);
    const first = secondsSince(startedAt);
    await after(restMs);
    const idle = residentMb(plane.gatewayPid());
    const ended = performance.now();
    await plane.restartGateway();
    const down = secondsSince(ended);
    await all.untilConnected(agents - 1);
    const back = secondsSince(ended) - down;
    const most = residentMb(plane.gatewayPid(), 'VmHWM');
    note(
      `fleet: ${agents} agents took ${first.toFixed(1)} s to connect first, to a gateway of ${before.toFixed(0)} MB`,
    );
    note(`  after its restart, which took ${down.toFixed(1)} s, it is at ${most.toFixed(0)} MB at the most`);
    return [
      atMost('gateway-memory-at-2000-agents', idle, 'MB', 400),
      atMost('reconnect-of-2000-agents', back, 's', 10),
    ];
  },
};

/** Milliseconds from a keystroke to its echo on the screen. */
const echoOf = async ({ onOutput, type }: OpenSession): Promise<number> => {
  const shown = new Promise<void>((resolve) => onOutput(() => resolve()));
  const startedAt = performance.now();
  type('x');
  await shown;
  return performance.now() - startedAt;
};

/** A person types in a terminal while 50 other workspaces of the same gateway are busy. */
export const echo: Benchmark = {
  name: 'echo',
  run: async () => {
    await using plane = await givenDataPlane(busy + 1);
    await plane.startAgents(1, busy + 1).untilConnected(busy);
    await untilServed(plane);
    const session = await openSession(plane, 'terminal', { columns: 80, rows: 24 });
    // The prompt.
    await new Promise<void>((resolve) => session.onOutput(() => resolve()));
    const endLoad = plane.startLoad('busy');
    await after(1_000);
    const durations: number[] = [];
    for (let key = 0; key < keystrokes; key++) {
      durations.push(await echoOf(session));
      await after(betweenKeysMs);
    }
    await endLoad();
    const closed = once(session.socket, 'close');
    session.socket.close();
    await closed;
    note(`echo: ${keystrokes} keystrokes beside ${busy} workspaces of 10 requests a second, one of 100 KB, ms:`);
    note(`  ${spread(durations)}`);
    return [atMost('echo-p99', percentile(durations, 99), 'ms', 10)];
  },
};
