import type { WorkerState } from './worker-lock.ts';

/**
 * The default rate limits of an account in a region,
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: each start takes an AttachVolume (50 at
 * once, 5 a second) or a place in a StartInstances (1,000 instances, 2 a second), and an instance that is launched
 * alone takes a RunInstances (5 at once, 2 a second).
 */
const admissions = { most: 50, perSecond: 5 };
const launches = { most: 5, perSecond: 2 };

/**
 * The limit of starts under way. EC2 starts two instances a second of a large batch, so the last of them waits two and
 * a half minutes, well within the timeout of a start.
 */
export const maxUnderWay = 300;

export const startsPerSecond = admissions.perSecond;

/**
 * The timeout of one start, from when it left the queue. A launch that tries several types and then boots takes
 * minutes.
 */
export const startTimeoutMs = 900_000;

/** The token buckets, refilled for the time since they were last counted. */
export const refill = (state: WorkerState, now: number): WorkerState => {
  const seconds = Math.max(0, now - state.counted) / 1_000;
  const refillBucket = (tokens: number, { most, perSecond }: typeof admissions) =>
    Math.min(most, tokens + seconds * perSecond);
  return {
    ...state,
    counted: now,
    admissions: refillBucket(state.admissions, admissions),
    launches: refillBucket(state.launches, launches),
  };
};

/** The limit of markers that the worker's item stores. */
const maxMarkers = 50;

/** Samples the queue, so that each start can tell about how many are ahead without reading all of it. */
export const queueMarkers = (begun: readonly string[]): WorkerState['places'] => {
  const every = Math.max(1, Math.ceil(begun.length / maxMarkers));
  return begun.flatMap((instant, ahead) => (ahead % every === 0 ? [[instant, ahead] as [string, number]] : []));
};

/** About how many starts are ahead of a start that began at `begun`. */
export const startsAhead = ({ places }: WorkerState, begun: string): number =>
  places.findLast(([instant]) => instant <= begun)?.[1] ?? 0;
