import { backOffMs, noJitter } from '../../../base/back-off.ts';
import { instant, later } from '../../instant.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';

/** The first retry comes after half a minute: most failures, such as throttling, are over by then. */
const firstMs = 30_000;
/** Each later retry waits twice as long, up to an hour: a permanent failure costs 24 builds a day. */
const longestMs = 3_600_000;

/**
 * When a failed stop or delete is retried; otherwise its compute would keep running. `undefined` for a build that did
 * not fail, and for a start, which a person requests again.
 */
export const retryAfter = ({ status, desired, retry }: WorkspaceRecord, now: Date): WorkspaceRecord['retry'] => {
  if (status !== 'failed' || desired === 'running') return undefined;
  const failures = (retry?.failures ?? 0) + 1;
  const wait = backOffMs(failures, { firstDelayMs: firstMs, longestDelayMs: longestMs, jitter: noJitter });
  return { failures, at: instant(later(now, wait)) };
};
