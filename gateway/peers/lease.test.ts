import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepLease } from './lease.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const replica = { id: 'r', address: '10.0.0.7:8081' };

it('is renewed every 10 s, also after an outage of the table, and removed at the end', async () => {
  const calls: string[] = [];
  let isTableDown = false;
  const rules = {
    renewReplica: async () => {
      calls.push(isTableDown ? 'failed' : 'renewed');
      if (isTableDown) throw new Error('the table is down');
    },
    removeReplica: async () => void calls.push('removed'),
  };
  const log: string[] = [];
  const end = await keepLease(rules, replica, (level, message) => void log.push(`${level} ${message}`));
  await vi.advanceTimersByTimeAsync(10_000);
  isTableDown = true;
  await vi.advanceTimersByTimeAsync(10_000);
  isTableDown = false;
  await vi.advanceTimersByTimeAsync(10_000);
  await end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toEqual(['renewed', 'renewed', 'failed', 'renewed', 'removed']);
  expect(log).toEqual(['warn the lease was not renewed']);
});
