import type { Client } from '../../../contracts/client/client.ts';
import type { Step } from '../../../contracts/workspaces/builds.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { median, spread } from '../measuring/percentile.ts';
import { givenServer } from './fixture.ts';
import { isDeleted, isReady, isStopped, until } from './until.ts';

const samples = 15;

/** Milliseconds. */
interface Life {
  create: number;
  /** The part of `create` in which the workspace itself started. */
  itself: number;
  start: number;
}

/** From the first of the build's steps to the end of the last: the process starts, its agent boots and connects. */
const lengthOf = (steps: readonly Step[]): number => {
  const started = Math.min(...steps.map(({ startedAt }) => Date.parse(startedAt)));
  const ended = Math.max(...steps.map(({ endedAt, startedAt }) => Date.parse(endedAt ?? startedAt)));
  return ended - started;
};

const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const started = performance.now();
  return [await work(), performance.now() - started];
};

const live = async (client: Client, name: string): Promise<Life> => {
  const [{ id }, create] = await timed(async () => {
    const created = await client.createWorkspace({ body: { name, template: 'tiny' } });
    return until(client, created.id, isReady);
  });
  const { steps } = await client.getBuild({ params: { workspace: id, build: 1 } });
  await client.stopWorkspace({ params: { workspace: id } });
  await until(client, id, isStopped);
  const [, start] = await timed(async () => {
    await client.startWorkspace({ params: { workspace: id }, body: {} });
    return until(client, id, isReady);
  });
  await client.deleteWorkspace({ params: { workspace: id } });
  await until(client, id, isDeleted);
  return { create, itself: lengthOf(steps), start };
};

/** The whole life of a workspace, repeated one at a time, as seen by a client that polls every 20 ms. */
export const create: Benchmark = {
  name: 'create',
  run: async () => {
    await using server = await givenServer();
    const lives: Life[] = [];
    for (let number = 0; number < samples; number++) lives.push(await live(server.client, `life-${number}`));
    const creates = lives.map(({ create }) => create);
    const itself = lives.map((life) => life.itself);
    const outside = lives.map((life) => life.create - life.itself);
    const starts = lives.map(({ start }) => start);
    note(`create: ${samples} lives of a process workspace without startup script, one after the other`);
    note(`create to ready, ms: ${spread(creates)}`);
    note(`of it the workspace's own start (first step's start to last step's end: spawn, agent boots, dials in), ms:`);
    note(`  ${spread(itself)}`);
    note(`the rest (request, stream, workflow, manifest, completion, 20 ms polls), ms: ${spread(outside)}`);
    note(`start to ready, ms: ${spread(starts)}`);
    return [
      atMost('create-to-ready-p50', median(creates) / 1_000, 's', 1.5),
      atMost('create-outside-workspace-p50', median(outside) / 1_000, 's', 0.4),
      atMost('start-to-ready-p50', median(starts) / 1_000, 's', 1.2),
    ];
  },
};
