import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import autocannon from 'autocannon';
import { atLeast, atMost, type Benchmark, type Figure } from '../measuring/figure.ts';
import { atRate } from '../measuring/load.ts';
import { note } from '../measuring/note.ts';
import { median, percentile, spread } from '../measuring/percentile.ts';
import { residentMb } from '../server/memory.ts';
import { type GivenDataPlane, givenDataPlane } from './fixture.ts';
import { directTarget, gatewayTarget, get, stream, type Target, upload } from './traffic.ts';

const megabytes = 300;
const rounds = 3;
const connections = 50;
const seconds = 5;
const calls = 3_000;
const perSecond = 200;
const timeoutMs = 15_000;
const stopped = 20;
const stoppedMs = 3_000;

/** Sends requests until the agent is connected and the app responds. */
export const untilServed = async (plane: GivenDataPlane): Promise<void> => {
  for (const startedAt = Date.now(); ; await after(50)) {
    try {
      await get(gatewayTarget(plane), '/');
      return;
    } catch (error) {
      if (Date.now() - startedAt > timeoutMs) throw error;
    }
  }
};

/** MB/s of the best of several rounds, because other load on the machine can only slow a round down. */
const fastest = async (move: (bytes: number) => Promise<unknown>): Promise<number> => {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    await move(megabytes * 1_000_000);
    rates.push((megabytes * 1_000) / (performance.now() - startedAt));
  }
  return Math.max(...rates);
};

const bulk = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const download = (target: Target) => fastest((bytes) => get(target, `/bytes/${bytes}`));
  const direct = await download(directTarget(plane));
  const down = await download(gatewayTarget(plane));
  const up = await fastest((bytes) => upload(gatewayTarget(plane), bytes));
  const session = await fastest((bytes) => stream(plane, bytes));
  note(`bulk: ${megabytes} MB, the best of ${rounds}; direct to the app ${direct.toFixed(0)} MB/s`);
  return [
    atLeast('bulk-download', down, 'MB/s', 150),
    atLeast('bulk-upload', up, 'MB/s', 150),
    atLeast('bulk-session', session, 'MB/s', 150),
  ];
};

const saturated = async ({ port, headers }: Target): Promise<number> => {
  const result = await autocannon({ url: `http://127.0.0.1:${port}/`, connections, duration: seconds, headers });
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx} refusals and ${result.errors} errors`);
  return result['2xx'] / result.duration;
};

const requests = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const direct = await saturated(directTarget(plane));
  const through = await saturated(gatewayTarget(plane));
  note(`requests: ${connections} connections for ${seconds} s; direct to the app ${direct.toFixed(0)} requests/s`);
  return [atLeast('small-requests', through, 'requests/s', 5_000)];
};

/** The duration in milliseconds of small requests, one after another. */
const oneByOne = async (target: Target): Promise<number[]> => {
  const durations: number[] = [];
  for (let call = 0; call < calls; call++) {
    const startedAt = performance.now();
    await get(target, '/');
    durations.push(performance.now() - startedAt);
  }
  return durations.slice(calls / 10);
};

const steady = async (target: Target): Promise<number[]> => {
  await atRate(perSecond, 1, () => get(target, '/'));
  return (await atRate(perSecond, seconds, () => get(target, '/'))).map(({ durationMs, late }) => durationMs - late);
};

const latency = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const direct = await oneByOne(directTarget(plane));
  const through = await oneByOne(gatewayTarget(plane));
  const endLoad = plane.startLoad('bulk');
  const directBesideBulk = await steady(directTarget(plane));
  const besideBulk = await steady(gatewayTarget(plane));
  await endLoad();
  note(`latency: ${calls} requests one by one, ms: direct ${spread(direct)}; through the gateway ${spread(through)}`);
  note(`  ${perSecond} a second beside a bulk transfer of the workspace at full speed, ms:`);
  note(`  direct ${spread(directBesideBulk)}; through the gateway ${spread(besideBulk)}`);
  return [
    atMost('added-p50', median(through) - median(direct), 'ms', 0.5),
    atMost('p99-beside-bulk', percentile(besideBulk, 99), 'ms', 5),
  ];
};

/** Requests a gigabyte and reads none of it. */
const stopReading = async ({ port, headers }: Target) => {
  const sent = request({ host: '127.0.0.1', port, path: '/bytes/1000000000', headers, agent: false }).end();
  await once(sent, 'response');
  sent.on('error', () => undefined);
  return sent;
};

const stoppedReaders = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const pids = [plane.gatewayPid(), plane.agentPid];
  const before = pids.map((pid) => residentMb(pid));
  const readers = await Promise.all(Array.from({ length: stopped }, () => stopReading(gatewayTarget(plane))));
  await after(stoppedMs);
  const [gateway = 0, agent = 0] = pids.map((pid, index) => residentMb(pid) - (before[index] ?? 0));
  for (const reader of readers) reader.destroy();
  note(`stopped readers: ${stopped} downloads of a gigabyte that are not read, after ${stoppedMs / 1_000} s`);
  return [
    atMost('gateway-memory-for-20-stopped-readers', gateway, 'MB', 40),
    atMost('agent-memory-for-20-stopped-readers', agent, 'MB', 40),
  ];
};

/** Throughput, requests and delays through one gateway, with agent and app in their own processes. */
export const dataPlane: Benchmark = {
  name: 'data-plane',
  run: async () => {
    await using plane = await givenDataPlane(1);
    await untilServed(plane);
    const figures = [...(await bulk(plane)), ...(await requests(plane)), ...(await latency(plane))];
    return [...figures, ...(await stoppedReaders(plane))];
  },
};
