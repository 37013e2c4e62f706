import { setTimeout as after } from 'node:timers/promises';
import type { Client } from '../../../contracts/client/client.ts';
import type { BuildWithSteps } from '../../../contracts/workspaces/builds.ts';
import { buildInterval, fastInterval } from '../../../web/src/api/polling.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { percentile, spread } from '../measuring/percentile.ts';
import { givenServer } from './fixture.ts';

const builds = 12;

/** The visible events of a build's steps: each start and each end, with its time. */
const happeningsOf = ({ steps }: BuildWithSteps): [string, number][] =>
  steps.flatMap(({ name, startedAt, endedAt }) => [
    [`${name} starts`, Date.parse(startedAt)],
    ...(endedAt === undefined ? [] : ([[`${name} ends`, Date.parse(endedAt)]] as [string, number][])),
  ]);

/** Polls a build as often as the portal does. Returns how late each event was first seen, in milliseconds. */
const watch = async (client: Client, workspace: string): Promise<number[]> => {
  const seen = new Map<string, number>();
  // The page may be opened at any moment of the polling interval.
  await after(Math.random() * fastInterval);
  for (let pause: number | false = 0; pause !== false; await after(pause || 0)) {
    const build = await client.getBuild({ params: { workspace, build: 1 } });
    const now = Date.now();
    for (const [happening, at] of happeningsOf(build)) if (!seen.has(happening)) seen.set(happening, now - at);
    pause = buildInterval(build);
  }
  return [...seen.values()];
};

/** How late a client that polls as the portal's workspace page does sees a step. */
export const steps: Benchmark = {
  name: 'steps',
  run: async () => {
    await using server = await givenServer();
    const late: number[] = [];
    for (let number = 0; number < builds; number++) {
      const { id } = await server.client.createWorkspace({ body: { name: `seen-${number}`, template: 'scripted' } });
      late.push(...(await watch(server.client, id)));
      await server.client.deleteWorkspace({ params: { workspace: id } });
    }
    note(
      `steps: ${late.length} starts and ends of steps in ${builds} builds, seen by polling every ${fastInterval} ms`,
    );
    note(`after they happened, ms: ${spread(late)}`);
    return [atMost('step-visible-p95', percentile(late, 95) / 1_000, 's', 1)];
  },
};
