import { describe, expect, test } from 'vitest';
import type { Step } from '../../../contracts/workspaces/builds.ts';
import { givenActiveBuild, givenWorkspace } from '../testing/records.ts';
import { requestStartup, unhealthyAfter, withOutcome } from './unhealthy.ts';

const failed = { status: 'start_error', error: 'startup_failed', message: 'It ended with exit code 3.' } as const;
const { build } = givenActiveBuild(givenWorkspace());

describe('the outcome of a startup script', () => {
  test('is a failure with a message when the script failed, and none when it succeeded', () => {
    expect(unhealthyAfter(failed)).toMatchObject({ error: 'startup_failed', message: failed.message });
    expect(unhealthyAfter({ status: 'ready' })).toBeUndefined();
  });
  test('is audited once per requested run, however often an agent repeats it', () => {
    const first = withOutcome(build, failed);
    expect(first.auditEvents).toMatchObject([{ action: 'workspace.unhealthy', outcome: 'failure' }]);
    expect(withOutcome(first.build, failed).auditEvents).toEqual([]);
    const again = withOutcome({ ...first.build, startupRuns: 1 }, { status: 'ready' });
    expect(again.auditEvents).toMatchObject([{ action: 'workspace.healthy', outcome: 'success' }]);
  });
  test('is not audited when the first run succeeds', () => {
    expect(withOutcome(build, { status: 'ready' }).auditEvents).toEqual([]);
  });
});

describe('another run of the startup script', () => {
  const unhealthy = givenWorkspace({ status: 'running', unhealthy: unhealthyAfter(failed) });
  const step = (status: Step['status']): Step => ({ name: 'startup', title: '', status, startedAt: '', hasLog: true });
  test('increases the number of runs of the build', () => {
    expect(requestStartup(unhealthy, build, step('failed'))?.startupRuns).toBe(1);
    expect(requestStartup(unhealthy, { ...build, startupRuns: 4 }, step('failed'))?.startupRuns).toBe(5);
  });
  test('joins a run in progress, unless its agent is disconnected', () => {
    expect(requestStartup(unhealthy, build, step('running'))).toBeUndefined();
    const away = { ...unhealthy, agent: { status: 'disconnected' as const, since: '' } };
    expect(requestStartup(away, build, step('running'))?.startupRuns).toBe(1);
  });
  test.each([
    ['a stopped workspace', givenWorkspace(), 'is stopped'],
    ['a healthy one', givenWorkspace({ status: 'running' }), 'did not fail'],
  ])('is refused for %s', (_, workspace, message) => {
    expect(() => requestStartup(workspace, build, undefined)).toThrow(message);
  });
});
