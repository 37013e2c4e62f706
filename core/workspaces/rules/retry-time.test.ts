import { expect, test } from 'vitest';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { givenWorkspace, now } from '../testing/records.ts';
import { retryAfter } from './retry-time.ts';

const failed = (fields: Partial<WorkspaceRecord> = {}) =>
  givenWorkspace({ status: 'failed', desired: 'stopped', ...fields });

test('a stop that keeps failing is retried with longer delays, up to an hour', () => {
  let retry: WorkspaceRecord['retry'];
  const waits: number[] = [];
  for (let failure = 1; failure <= 9; failure++) {
    retry = retryAfter(failed({ retry }), now);
    waits.push((Date.parse(retry?.at ?? '') - now.getTime()) / 1000);
  }
  expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  expect(retryAfter(failed({ retry: { failures: 5_000, at: '' } }), now)?.at).toBe('2026-11-20T11:00:00.000Z');
});

test('only a failed stop or delete is retried, not a start', () => {
  const retry = { failures: 3, at: now.toISOString() };
  expect(retryAfter(failed({ retry, status: 'stopped' }), now)).toBeUndefined();
  expect(retryAfter(failed({ retry, desired: 'running' }), now)).toBeUndefined();
});
