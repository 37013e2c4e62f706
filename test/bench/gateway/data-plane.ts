import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import autocannon from 'autocannon';
import { atLeast, atMost, type Bench, type Figure } from '../measuring/figure.ts';
import { atRate } from '../measuring/load.ts';
import { note } from '../measuring/note.ts';
import { median, percentile, spread } from '../measuring/percentile.ts';
import { residentMb } from '../server/memory.ts';
import { type GivenDataPlane, givenDataPlane } from './fixture.ts';
import { ask, directly, pourOut, throughGateway, upload, type Way } from './traffic.ts';

const megabytes = 300;
const rounds = 3;
const connections = 50;
const seconds = 5;
const calls = 3_000;
const perSecond = 200;
const patienceMs = 15_000;
const stopped = 20;
const stoppedMs = 3_000;

/** Asks until the agent is connected and the app answers. */
export const untilServed = async (plane: GivenDataPlane): Promise<void> => {
  for (const begun = Date.now(); ; await after(50)) {
    try {
      await ask(throughGateway(plane), '/');
      return;
    } catch (error) {
      if (Date.now() - begun > patienceMs) throw error;
    }
  }
};

/** MB/s of the best of some rounds: others on the machine only ever make it worse. */
const fastest = async (move: (bytes: number) => Promise<unknown>): Promise<number> => {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await move(megabytes * 1_000_000);
    rates.push((megabytes * 1_000) / (performance.now() - begun));
  }
  return Math.max(...rates);
};

const bulk = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const download = (way: Way) => fastest((bytes) => ask(way, `/bytes/${bytes}`));
  const straight = await download(directly(plane));
  const down = await download(throughGateway(plane));
  const up = await fastest((bytes) => upload(throughGateway(plane), bytes));
  const session = await fastest((bytes) => pourOut(plane, bytes));
  note(`bulk: ${megabytes} MB, the best of ${rounds}; straight to the app ${straight.toFixed(0)} MB/s`);
  return [
    atLeast('bulk-download', down, 'MB/s', 150),
    atLeast('bulk-upload', up, 'MB/s', 150),
    atLeast('bulk-session', session, 'MB/s', 150),
  ];
};

const saturated = async ({ port, headers }: Way): Promise<number> => {
  const result = await autocannon({ url: `http://127.0.0.1:${port}/`, connections, duration: seconds, headers });
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx} refusals and ${result.errors} errors`);
  return result['2xx'] / result.duration;
};

const requests = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const straight = await saturated(directly(plane));
  const through = await saturated(throughGateway(plane));
  note(`requests: ${connections} connections for ${seconds} s; straight to the app ${straight.toFixed(0)} requests/s`);
  return [atLeast('small-requests', through, 'requests/s', 5_000)];
};

/** Milliseconds of one small request after the other. */
const oneByOne = async (way: Way): Promise<number[]> => {
  const took: number[] = [];
  for (let call = 0; call < calls; call++) {
    const begun = performance.now();
    await ask(way, '/');
    took.push(performance.now() - begun);
  }
  return took.slice(calls / 10);
};

const steady = async (way: Way): Promise<number[]> => {
  await atRate(perSecond, 1, () => ask(way, '/'));
  return (await atRate(perSecond, seconds, () => ask(way, '/'))).map(({ took, late }) => took - late);
};

const latency = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const straight = await oneByOne(directly(plane));
  const through = await oneByOne(throughGateway(plane));
  const endLoad = plane.startLoad('bulk');
  const besideStraight = await steady(directly(plane));
  const beside = await steady(throughGateway(plane));
  await endLoad();
  note(
    `latency: ${calls} requests one by one, ms: straight ${spread(straight)}; through the gateway ${spread(through)}`,
  );
  note(`  ${perSecond} a second beside a bulk transfer of the workspace that takes all it can get, ms:`);
  note(`  straight ${spread(besideStraight)}; through the gateway ${spread(beside)}`);
  return [
    atMost('added-p50', median(through) - median(straight), 'ms', 0.5),
    atMost('p99-beside-bulk', percentile(beside, 99), 'ms', 5),
  ];
};

/** Asks for a gigabyte, and reads nothing of it. */
const stopReading = async ({ port, headers }: Way) => {
  const sent = request({ host: '127.0.0.1', port, path: '/bytes/1000000000', headers, agent: false }).end();
  await once(sent, 'response');
  sent.on('error', () => undefined);
  return sent;
};

const stoppedReaders = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const pids = [plane.gatewayPid(), plane.agentPid];
  const before = pids.map((pid) => residentMb(pid));
  const readers = await Promise.all(Array.from({ length: stopped }, () => stopReading(throughGateway(plane))));
  await after(stoppedMs);
  const [gateway = 0, agent = 0] = pids.map((pid, index) => residentMb(pid) - (before[index] ?? 0));
  for (const reader of readers) reader.destroy();
  note(`stopped readers: ${stopped} downloads of a gigabyte that nobody reads, after ${stoppedMs / 1_000} s`);
  return [
    atMost('gateway-memory-for-20-stopped-readers', gateway, 'MB', 40),
    atMost('agent-memory-for-20-stopped-readers', agent, 'MB', 40),
  ];
};

/** Bytes, requests, delays through one gateway, whose agent and app are processes of their own. */
export const dataPlane: Bench = {
  name: 'data-plane',
  run: async () => {
    await using plane = await givenDataPlane(1);
    await untilServed(plane);
    const figures = [...(await bulk(plane)), ...(await requests(plane)), ...(await latency(plane))];
    return [...figures, ...(await stoppedReaders(plane))];
  },
};
