import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepLease } from './lease.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const replica = { id: 'r', address: '10.0.0.7:8081' };

it('is renewed every 10 s though the table is away for a while, and taken away at the end', async () => {
  const said: string[] = [];
  let isAway = false;
  const rules = {
    renewReplica: async () => {
      said.push(isAway ? 'failed' : 'kept');
      if (isAway) throw new Error('the table is away');
    },
    removeReplica: async () => void said.push('removed'),
  };
  const log: string[] = [];
  const end = await keepLease(rules, replica, (level, message) => void log.push(`${level} ${message}`));
  await vi.advanceTimersByTimeAsync(10_000);
  isAway = true;
  await vi.advanceTimersByTimeAsync(10_000);
  isAway = false;
  await vi.advanceTimersByTimeAsync(10_000);
  await end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual(['kept', 'kept', 'failed', 'kept', 'removed']);
  expect(log).toEqual(['warn the lease was not renewed']);
});
