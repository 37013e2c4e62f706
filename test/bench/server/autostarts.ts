import { setTimeout as after } from 'node:timers/promises';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { allOf, atRate } from '../measuring/load.ts';
import { note } from '../measuring/note.ts';
import { percentile, spread } from '../measuring/percentile.ts';
import { type BenchServer, givenServer } from './fixture.ts';
import { httpSender } from './http-sender.ts';

const workspaces = 2_000;
const perSecond = 20;
const minute = 60_000;
/** How long requests are sent, from shortly before the autostarts. */
const seconds = 60;

/** The next full minute that leaves enough time to set all autostarts. */
const momentAfter = (now: number): Date => new Date(Math.ceil((now + 20_000) / minute) * minute);

const allIdsOf = async ({ client }: BenchServer): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listWorkspaces({ query: { limit: 100, ...(cursor === undefined ? {} : { cursor }) } });
    ids.push(...page.items.map(({ id }: Workspace) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
};

/** The duration of one person's request while 2,000 workspaces autostart at the same moment. */
export const autostarts: Benchmark = {
  name: 'autostarts',
  run: async () => {
    await using server = await givenServer(workspaces, 'idle');
    const ids = await allIdsOf(server);
    const moment = momentAfter(Date.now());
    const autostart = {
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
      at: moment.toISOString().slice(11, 16),
      timeZone: 'UTC',
    };
    const send = httpSender(server);
    await allOf(ids.length, 20, (number) => send('PUT', `/api/workspaces/${ids[number]}/autostart`, autostart));
    await after(moment.getTime() - 1_000 - Date.now());
    const path = `/api/workspaces/${ids[0]}`;
    const calls = await atRate(perSecond, seconds, () => send('GET', path));
    const durations = calls.map((call) => call.durationMs);
    const startTimes = await startedAt(server, ids);
    note(
      `autostarts: ${workspaces} at ${autostart.at}, and a GET ${perSecond} times a second for ${seconds} s meanwhile`,
    );
    note(`the GET, from the instant it was due, ms: ${spread(durations)}`);
    return [
      atMost('get-during-autostarts-most', Math.max(...durations) / 1_000, 's', 1),
      atMost('get-during-autostarts-p99', percentile(durations, 99) / 1_000, 's', 1),
      atMost('autostarts-begun', (Math.max(...startTimes) - moment.getTime()) / 1_000, 's', 60),
    ];
  },
};

/** When the compute of each workspace was requested. Throws if one was not. */
const startedAt = async ({ client }: BenchServer, ids: readonly string[]): Promise<number[]> => {
  const startTimes: number[] = [];
  await allOf(ids.length, 20, async (number) => {
    const { steps } = await client.getBuild({ params: { workspace: ids[number] ?? '', build: 2 } });
    const compute = steps.find(({ name }) => name === 'compute');
    if (compute === undefined) throw new Error(`The workspace ${ids[number]} was not started`);
    startTimes.push(Date.parse(compute.endedAt ?? compute.startedAt));
  });
  return startTimes;
};
