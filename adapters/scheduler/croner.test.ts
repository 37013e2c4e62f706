import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CronerScheduler, cronerScheduler } from './croner.ts';

const rung: string[] = [];
const errors: unknown[] = [];
let scheduler: CronerScheduler;
beforeEach(() => {
  rung.length = 0;
  errors.length = 0;
  scheduler = cronerScheduler(
    {
      stop: async ({ buildId }) => {
        rung.push(buildId);
        if (buildId === 'bad') throw new Error('not decided');
      },
      autostart: async ({ workspaceId }) => {
        rung.push(workspaceId);
        throw new Error('not decided');
      },
    },
    (error) => errors.push(error),
  );
});
afterEach(() => scheduler.close());

const soon = (ms: number) => new Date(Date.now() + ms);
const wake = (buildId: string) => ({ workspaceId: 'w', buildId });

test('rings once at its time, or at once when that is past', async () => {
  await scheduler.put('a', soon(1_100), wake('later'));
  await scheduler.put('b', soon(-1_000), wake('past'));
  await expect.poll(() => rung).toEqual(['past', 'later']);
});

test('the same id moves the schedule', async () => {
  await scheduler.put('a', soon(1_100), wake('first'));
  await scheduler.put('a', soon(1_200), wake('second'));
  await expect.poll(() => rung).toEqual(['second']);
});

test('a removed one does not ring; one that is not there is removed already', async () => {
  await scheduler.put('a', soon(1_100), wake('removed'));
  await scheduler.remove('a');
  await scheduler.remove('a');
  await scheduler.put('b', soon(1_300), wake('after'));
  await expect.poll(() => rung).toEqual(['after']);
});

test('a decision that fails is reported, and others ring on', async () => {
  await scheduler.put('a', soon(-1), wake('bad'));
  await scheduler.put('b', soon(-1), wake('good'));
  await expect.poll(() => rung).toEqual(['bad', 'good']);
  await expect.poll(() => errors).toHaveLength(1);
});
