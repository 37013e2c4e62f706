import { onTestFinished, vi } from 'vitest';
import { cronerScheduler } from '../../adapters/scheduler/croner.ts';
import type { StopWake } from '../../contracts/workspaces/workflows.ts';
import { type FiredAutostart, schedulerContract } from './scheduler.ts';

const stepMs = 300;

schedulerContract('in this process', async () => {
  const fired: StopWake[] = [];
  const failed: unknown[] = [];
  const autostarts: FiredAutostart[] = [];
  const scheduler = cronerScheduler(
    {
      stop: async (wake) => void fired.push(wake),
      autostart: async (wake) => void autostarts.push({ at: new Date(), wake }),
    },
    (error) => failed.push(error),
  );
  return {
    scheduler,
    soon: (steps) => new Date(Date.now() + steps * stepMs),
    firedBy: async (at) => {
      await vi.waitUntil(() => Date.now() > at.getTime(), { timeout: 10_000, interval: 20 });
      return fired.splice(0);
    },
    autostartsBetween: async (from, until, act) => {
      vi.useFakeTimers({ now: from });
      onTestFinished(() => void vi.useRealTimers());
      await act();
      await vi.advanceTimersByTimeAsync(until.getTime() - from.getTime());
      vi.useRealTimers();
      return autostarts.splice(0);
    },
    close: async () => scheduler.close(),
  };
});
