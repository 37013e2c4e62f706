/**
 * A range from which a random factor of each delay is drawn, so that callers that failed together do not retry
 * together.
 */
export type Jitter = readonly [from: number, to: number];

/** https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
export const fullJitter: Jitter = [0, 1];
export const equalJitter: Jitter = [0.5, 1];
export const noJitter: Jitter = [1, 1];

export interface BackOff {
  firstDelayMs: number;
  /** Before the jitter. */
  longestDelayMs: number;
  jitter: Jitter;
}

interface DelayOptions {
  /** The delay that the other side requests, for example with `Retry-After`. It counts up to `longestDelayMs`. */
  atLeastMs?: number;
  /** 0 to 1. */
  random?: number;
}

/** How long to wait after so many failures: the delay doubles with each of them. */
export const backOffMs = (
  failures: number,
  { firstDelayMs, longestDelayMs, jitter: [from, to] }: BackOff,
  { atLeastMs = 0, random = Math.random() }: DelayOptions = {},
): number => {
  const wholeMs = Math.min(longestDelayMs, Math.max(atLeastMs, firstDelayMs * 2 ** (failures - 1)));
  return wholeMs * (from + (to - from) * random);
};
