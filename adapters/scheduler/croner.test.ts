import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CronerScheduler, cronerScheduler } from './croner.ts';

const fired: string[] = [];
const errors: unknown[] = [];
let scheduler: CronerScheduler;
beforeEach(() => {
  fired.length = 0;
  errors.length = 0;
  scheduler = cronerScheduler(
    {
      stop: async ({ buildId }) => {
        fired.push(buildId);
        if (buildId === 'bad') throw new Error('failed');
      },
      autostart: async ({ workspaceId }) => {
        fired.push(workspaceId);
        throw new Error('failed');
      },
    },
    (error) => errors.push(error),
  );
});
afterEach(() => scheduler.close());

const soon = (ms: number) => new Date(Date.now() + ms);
const wake = (buildId: string) => ({ workspaceId: 'w', buildId });

test('a schedule fires once at its time, or immediately if that is past', async () => {
  await scheduler.put('a', soon(1_100), wake('later'));
  await scheduler.put('b', soon(-1_000), wake('past'));
  await expect.poll(() => fired).toEqual(['past', 'later']);
});

test('the same ID replaces the schedule', async () => {
  await scheduler.put('a', soon(1_100), wake('first'));
  await scheduler.put('a', soon(1_200), wake('second'));
  await expect.poll(() => fired).toEqual(['second']);
});

test('a removed schedule does not fire; removing an absent one does nothing', async () => {
  await scheduler.put('a', soon(1_100), wake('removed'));
  await scheduler.remove('a');
  await scheduler.remove('a');
  await scheduler.put('b', soon(1_300), wake('after'));
  await expect.poll(() => fired).toEqual(['after']);
});

test('a handler that fails is reported, and other schedules still fire', async () => {
  await scheduler.put('a', soon(-1), wake('bad'));
  await scheduler.put('b', soon(-1), wake('good'));
  await expect.poll(() => fired).toEqual(['bad', 'good']);
  await expect.poll(() => errors).toHaveLength(1);
});
