import { instant, later } from '../instant.ts';
import type { WorkspaceRecord } from './record.ts';

/** The first new try comes after half a minute: most of what fails, as throttling does, has passed by then. */
const firstMs = 30_000;
/** Each after it waits twice as long, up to an hour: what stays broken costs 24 builds a day, and is mended within the hour. */
const longestMs = 3_600_000;

/**
 * When a stop or delete that failed just now is tried again: nobody wants what is left of it. Left out for one that
 * did not fail, and for a start, which a person asks for again.
 */
export const retryAfter = ({ status, desired, retry }: WorkspaceRecord, now: Date): WorkspaceRecord['retry'] => {
  if (status !== 'failed' || desired === 'running') return undefined;
  const failures = (retry?.failures ?? 0) + 1;
  const wait = Math.min(firstMs * 2 ** (failures - 1), longestMs);
  return { failures, at: instant(later(now, wait)) };
};
