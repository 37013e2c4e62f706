import { setTimeout as delay } from 'node:timers/promises';
import { type BackOff, backOffMs } from './back-off.ts';

interface RetryOptions extends BackOff {
  /** The first one included. Without it only `isRetryable` ends the attempts. */
  attempts?: number;
  /** Called after each failed attempt but the last. */
  isRetryable: (error: unknown, next: { delayMs: number }) => boolean;
}

/** Repeats `attempt` until it succeeds. Throws the last error when no further attempt is allowed. */
export const retry = async <T>(
  attempt: () => Promise<T>,
  { attempts = Number.POSITIVE_INFINITY, isRetryable, ...backOff }: RetryOptions,
): Promise<T> => {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const delayMs = backOffMs(failures, backOff);
      if (failures >= attempts || !isRetryable(error, { delayMs })) throw error;
      await delay(delayMs);
    }
  }
};
