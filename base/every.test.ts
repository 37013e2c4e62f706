import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { every } from './every.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('runs again after a failure, until it is stopped', async () => {
  const errors: unknown[] = [];
  let runs = 0;
  const stop = every({ periodMs: 100, onError: (error) => errors.push(error) }, async () => {
    runs += 1;
    throw new Error(`run ${runs}`);
  });
  await vi.advanceTimersByTimeAsync(350);
  expect(runs).toBe(3);
  expect(errors).toHaveLength(3);
  await stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toBe(3);
});

it('never runs twice at once, and stops after the run under way', async () => {
  const ends: (() => void)[] = [];
  const stop = every({ periodMs: 10, onError: () => {} }, () => new Promise<void>((resolve) => ends.push(resolve)));
  await vi.advanceTimersByTimeAsync(100);
  expect(ends).toHaveLength(1);
  let isStopped = false;
  const stopping = stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(10);
  expect(isStopped).toBe(false);
  ends[0]?.();
  await stopping;
});

it('chooses the period by how long the last run took', async () => {
  const startedAt: number[] = [];
  const stop = every({ periodMs: (tookMs) => tookMs + 100, onError: () => {} }, async () => {
    startedAt.push(Date.now());
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await vi.advanceTimersByTimeAsync(460);
  await stop();
  expect(startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0))).toEqual([150, 150]);
});
