import autocannon from 'autocannon';
import { atLeast, atMost, type Benchmark, type Figure } from '../measuring/figure.ts';
import { atRate } from '../measuring/load.ts';
import { note } from '../measuring/note.ts';
import { median, percentile, spread } from '../measuring/percentile.ts';
import { type BenchServer, givenServer } from './fixture.ts';
import { httpSender } from './http-sender.ts';

const workspaces = 20;
const perSecond = 200;
const seconds = 5;
const connections = 20;

const steady = async (server: BenchServer, name: string, path: string): Promise<Figure[]> => {
  const send = httpSender(server);
  await atRate(perSecond, 1, () => send('GET', path));
  const calls = await atRate(perSecond, seconds, () => send('GET', path));
  const durations = calls.map((call) => call.durationMs);
  note(`${path} at ${perSecond}/s for ${seconds} s, open loop, from the instant each was due, ms:`);
  note(`  ${spread(durations)}; of that until it was sent: ${spread(calls.map(({ late }) => late))}`);
  return [
    atMost(`${name}-at-200-p50`, median(durations), 'ms', 3),
    atMost(`${name}-at-200-p99`, percentile(durations, 99), 'ms', 15),
  ];
};

const saturated = async ({ url, token }: BenchServer, name: string, path: string): Promise<Figure> => {
  const headers = { authorization: `Bearer ${token}` };
  const result = await autocannon({ url: url + path, connections, duration: seconds, headers });
  if (result.non2xx + result.errors > 0)
    throw new Error(`${path}: ${result.non2xx} refusals and ${result.errors} errors under load`);
  note(`${path} over ${connections} connections: ${result['2xx']} responses in ${result.duration} s`);
  return atLeast(`${name}-saturated`, result['2xx'] / result.duration, 'requests/s', 2_000);
};

/** Reads of one workspace and of a list of 20, sent by this process to the server's. */
export const reads: Benchmark = {
  name: 'reads',
  run: async () => {
    await using server = await givenServer(workspaces);
    const [workspace] = (await server.client.listWorkspaces()).items;
    const routes = { 'get-workspace': `/api/workspaces/${workspace?.id}`, 'list-workspaces': '/api/workspaces' };
    const figures: Figure[] = [];
    for (const [name, path] of Object.entries(routes)) {
      figures.push(...(await steady(server, name, path)), await saturated(server, name, path));
    }
    return figures;
  },
};
