import { setTimeout as after } from 'node:timers/promises';
import autocannon from 'autocannon';
import { ask, directly, openSession, pourOut, throughGateway, upload, type Way } from './data-plane-traffic.ts';
import { atLeast, atMost, type Bench, type Figure } from './figure.ts';
import { type GivenDataPlane, givenDataPlane } from './given-data-plane.ts';
import { atRate } from './load.ts';
import { note } from './note.ts';
import { median, percentile, spread } from './percentile.ts';

const megabytes = 300;
const rounds = 3;
const connections = 50;
const seconds = 5;
const perSecond = 200;
const patienceMs = 15_000;

/** Asks until the agent is connected and the app answers. */
const untilServed = async (plane: GivenDataPlane): Promise<void> => {
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

const steady = async (way: Way): Promise<number[]> => {
  await atRate(perSecond, 1, () => ask(way, '/'));
  return (await atRate(perSecond, seconds, () => ask(way, '/'))).map(({ took, late }) => took - late);
};

/** A download that goes on until it is ended. */
const busyWith = (work: () => Promise<unknown>) => {
  let isOver = false;
  const loop = (async () => {
    while (!isOver) await work();
  })();
  return async () => {
    isOver = true;
    await loop;
  };
};

const latency = async (plane: GivenDataPlane): Promise<Figure[]> => {
  const straight = await steady(directly(plane));
  const through = await steady(throughGateway(plane));
  const end = busyWith(() => pourOut(plane, 50_000_000));
  const beside = await steady(throughGateway(plane));
  await end();
  note(`latency: ${perSecond} requests/s for ${seconds} s, ms: straight ${spread(straight)}`);
  note(`  through the gateway ${spread(through)}; beside a bulk transfer ${spread(beside)}`);
  return [
    atMost('added-p50', median(through) - median(straight), 'ms', 0.5),
    atMost('p99-beside-bulk', percentile(beside, 99), 'ms', 5),
  ];
};

/** Bytes, requests, delays through one gateway, whose agent and app are processes of their own. */
export const dataPlane: Bench = {
  name: 'data-plane',
  run: async () => {
    await using plane = await givenDataPlane(1);
    await untilServed(plane);
    return [...(await bulk(plane)), ...(await requests(plane)), ...(await latency(plane))];
  },
};
