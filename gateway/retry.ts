import { setTimeout as after } from 'node:timers/promises';

const firstDelayMs = 100;
const longestDelayMs = 5_000;

/** Tries until it succeeds, waiting 100 ms, then double, to 5 s; gives up with the last error when `again` says no. */
export const retry = async <T>(attempt: () => Promise<T>, again: (thrown: unknown) => boolean): Promise<T> => {
  for (let delay = firstDelayMs; ; delay = Math.min(longestDelayMs, delay * 2)) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!again(thrown)) throw thrown;
      await after(delay);
    }
  }
};
