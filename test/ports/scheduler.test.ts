import { onTestFinished, vi } from 'vitest';
import { cronerScheduler } from '../../adapters/scheduler/croner.ts';
import type { StopWake } from '../../contracts/workspaces/workflows.ts';
import { type RecurringRing, schedulerContract } from './scheduler.ts';

const stepMs = 300;

schedulerContract('in this process', async () => {
  const rung: StopWake[] = [];
  const failed: unknown[] = [];
  const rings: RecurringRing[] = [];
  const scheduler = cronerScheduler(
    {
      stop: async (wake) => void rung.push(wake),
      autostart: async (wake) => void rings.push({ at: new Date(), wake }),
    },
    (error) => failed.push(error),
  );
  return {
    scheduler,
    soon: (steps) => new Date(Date.now() + steps * stepMs),
    rungBy: async (at) => {
      await vi.waitUntil(() => Date.now() > at.getTime(), { timeout: 10_000, interval: 20 });
      return rung.splice(0);
    },
    ringsBetween: async (from, until, act) => {
      vi.useFakeTimers({ now: from });
      onTestFinished(() => void vi.useRealTimers());
      await act();
      await vi.advanceTimersByTimeAsync(until.getTime() - from.getTime());
      vi.useRealTimers();
      return rings.splice(0);
    },
    close: async () => scheduler.close(),
  };
});
