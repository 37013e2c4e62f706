import { setTimeout as wait } from 'node:timers/promises';

export interface Backoff {
  /** Tries in all. */
  attempts: number;
  firstWaitMs: number;
  longestWaitMs: number;
}

/** Waits before the next try, at random up to a bound that doubles, so that those who collided do not meet again. */
export const waitAfter = (attempt: number, { firstWaitMs, longestWaitMs }: Backoff): Promise<void> =>
  wait(Math.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)));
