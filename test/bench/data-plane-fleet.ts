import { setTimeout as after } from 'node:timers/promises';
import { openSession } from './data-plane-traffic.ts';
import { atMost, type Bench, type Figure } from './figure.ts';
import { type GivenDataPlane, givenDataPlane } from './given-data-plane.ts';
import { residentMb } from './memory.ts';
import { note } from './note.ts';
import { percentile, spread } from './percentile.ts';

const agents = 2_000;
/** Long enough for every agent to be pinged and asked for its activity a few times. */
const restMs = 12_000;

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
};

/** 2,000 idle agents: what they take of the gateway, and how long they take to come back to one that is new. */
export const fleet: Bench = {
  name: 'fleet',
  run: async () => {
    await using plane = await givenDataPlane(agents);
    const before = residentMb(plane.gatewayPid());
    const all = plane.startAgents(1, agents);
    const first = await secondsOf(() => all.untilConnected(agents - 1));
    await after(restMs);
    const idle = residentMb(plane.gatewayPid());
    const down = performance.now();
    await plane.restartGateway();
    const started = performance.now();
    await all.untilConnected(agents - 1);
    const back = (performance.now() - started) / 1_000;
    note(
      `fleet: ${agents} agents took ${first.toFixed(1)} s to connect first; the gateway was at ${before.toFixed(0)} MB`,
    );
    note(`  before; after its restart, which took ${((started - down) / 1_000).toFixed(1)} s, it is at most at`);
    note(`  ${residentMb(plane.gatewayPid(), 'VmHWM').toFixed(0)} MB`);
    return [
      atMost('gateway-memory-at-2000-agents', idle, 'MB', 400),
      atMost('reconnect-of-2000-agents', back, 's', 10),
    ];
  },
};
