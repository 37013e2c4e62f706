import { expect, it, vi } from 'vitest';
import { noJitter } from './back-off.ts';
import { retry } from './retry.ts';

const backOff = { firstDelayMs: 1, longestDelayMs: 2, jitter: noJitter };

const failing = (times: number) => {
  let calls = 0;
  return vi.fn(async () => {
    calls += 1;
    if (calls <= times) throw new Error(`failure ${calls}`);
    return 'done';
  });
};

it('repeats until an attempt succeeds', async () => {
  const attempt = failing(3);
  const isRetryable = vi.fn(() => true);
  expect(await retry(attempt, { ...backOff, isRetryable })).toBe('done');
  expect(attempt).toHaveBeenCalledTimes(4);
  expect(isRetryable.mock.calls.map(([, next]: unknown[]) => next)).toEqual([
    { delayMs: 1 },
    { delayMs: 2 },
    { delayMs: 2 },
  ]);
});

it('throws the last error after the last attempt', async () => {
  const attempt = failing(5);
  await expect(retry(attempt, { ...backOff, attempts: 3, isRetryable: () => true })).rejects.toThrow('failure 3');
  expect(attempt).toHaveBeenCalledTimes(3);
});

it('throws an error that is not retryable without another attempt', async () => {
  const attempt = failing(5);
  await expect(retry(attempt, { ...backOff, isRetryable: () => false })).rejects.toThrow('failure 1');
  expect(attempt).toHaveBeenCalledTimes(1);
});
