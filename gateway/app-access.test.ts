import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BerthError } from '../core/errors.ts';
import { keepChecking } from './app-access.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const endedAfter = async (thrown: unknown, ms: number): Promise<boolean> => {
  let ended = false;
  const stop = keepChecking(
    () => (thrown === undefined ? Promise.resolve() : Promise.reject(thrown)),
    () => {
      ended = true;
    },
  );
  await vi.advanceTimersByTimeAsync(ms);
  stop();
  return ended;
};

it('ends what is open within 60 s of the right being taken away', async () => {
  expect(await endedAfter(new BerthError('not_found', 'Not shared any more.'), 59_000)).toBe(true);
  expect(await endedAfter(new BerthError('unauthenticated', 'Signed out.'), 59_000)).toBe(true);
});

it('leaves it open while the right lasts, and while nobody can say', async () => {
  expect(await endedAfter(undefined, 300_000)).toBe(false);
  expect(await endedAfter(new Error('the table is away'), 300_000)).toBe(false);
});
