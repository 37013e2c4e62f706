import { describe, expect, test } from 'vitest';
import type { Transition } from '../../contracts/workspace.ts';
import { beginBuild, endBuild, requestDelete, requestStart, requestStop } from './lifecycle.ts';
import { givenActiveBuild, givenWorkspace, now } from './test-records.ts';

const byPerson = { reason: 'person' as const, requestedBy: 'ada' };
const failure = { error: 'startup_failed', message: 'It failed.', action: 'Try again.' };

const building = (transition: Transition) => {
  const desired = ({ start: 'running', stop: 'stopped', delete: 'deleted' } as const)[transition];
  return givenActiveBuild(givenWorkspace({ desired, status: transition === 'start' ? 'starting' : 'running' }));
};

describe('a start', () => {
  test('of a stopped workspace begins a build', () => {
    const step = requestStart(givenWorkspace({ status: 'stopped' }), undefined, { ...byPerson, rebuild: false }, now);
    expect(step.workspace).toMatchObject({ desired: 'running', status: 'pending', build: { number: 2 } });
    expect(step.builds).toMatchObject([{ transition: 'start', status: 'pending', requestedBy: 'ada' }]);
  });

  test('joins the one that is under way', () => {
    const { workspace, build } = building('start');
    const step = requestStart(workspace, build, { ...byPerson, rebuild: false }, now);
    expect(step).toEqual({ workspace, builds: [], acts: [] });
  });

  test('with other parameters begins the one that is under way anew', () => {
    const { workspace, build } = building('start');
    const asked = requestStart(workspace, build, { ...byPerson, rebuild: true }, now);
    expect(asked.builds).toMatchObject([{ number: build.number, cancel: true }]);
    const ended = endBuild(asked.workspace, asked.builds[0] ?? build, { status: 'canceled' }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'start', number: build.number + 1 });
  });

  test('with other parameters restarts one that runs', () => {
    const running = givenWorkspace({ status: 'running', desired: 'running' });
    const asked = requestStart(running, undefined, { ...byPerson, rebuild: true }, now);
    expect(asked.builds).toMatchObject([{ transition: 'stop' }]);
    const [stop] = asked.builds;
    if (stop === undefined) throw new Error('no build');
    const ended = endBuild(asked.workspace, stop, { status: 'succeeded' }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'start', requestedBy: 'ada' });
  });

  test('while it stops begins when the stop is done', () => {
    const { workspace, build } = building('stop');
    const asked = requestStart(workspace, build, { ...byPerson, rebuild: false }, now);
    expect(asked.builds).toEqual([]);
    const ended = endBuild(asked.workspace, build, { status: 'succeeded' }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'start' });
    expect(ended.acts.map(({ action }) => action)).toEqual(['build.succeed', 'build.begin']);
  });
});

describe('a stop', () => {
  test('during a start cancels it, and the canceled build leaves the workspace stopped', () => {
    const { workspace, build } = building('start');
    const asked = requestStop(workspace, build, byPerson, now);
    expect(asked.workspace).toMatchObject({ desired: 'stopped', status: 'canceling' });
    expect(asked.builds).toMatchObject([{ number: build.number, cancel: true }]);
    const ended = endBuild(asked.workspace, { ...build, cancel: true }, { status: 'canceled' }, now);
    expect(ended.workspace.status).toBe('stopped');
    expect(ended.builds).toHaveLength(1);
  });

  test('of a stopped workspace changes nothing', () => {
    const workspace = givenWorkspace({ status: 'stopped', desired: 'stopped' });
    expect(requestStop(workspace, undefined, byPerson, now).builds).toEqual([]);
  });
});

describe('a delete', () => {
  test('wins over a start that is under way', () => {
    const { workspace, build } = building('start');
    const asked = requestDelete(workspace, build, byPerson, now);
    const ended = endBuild(asked.workspace, { ...build, cancel: true }, { status: 'canceled' }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'delete' });
    expect(ended.workspace.status).toBe('deleting');
  });

  test('cannot be undone', () => {
    const { workspace, build } = building('delete');
    expect(() => requestStart(workspace, build, { ...byPerson, rebuild: false }, now)).toThrow(/cannot be undone/);
    expect(() => requestStop(workspace, build, byPerson, now)).toThrow(/cannot be undone/);
  });
});

describe('the end of a build', () => {
  test('gives a running workspace its stop time', () => {
    const { workspace, build } = building('start');
    const { workspace: running } = endBuild(workspace, build, { status: 'succeeded' }, now);
    expect(running).toMatchObject({ status: 'running', stopReason: 'idle', startedAt: now.toISOString() });
    expect(running.stopAt).toBe(new Date(now.getTime() + 2 * 3_600_000).toISOString());
  });

  test('that failed is told, audited, and not tried again by itself', () => {
    const { workspace, build } = building('start');
    const ended = endBuild(workspace, build, { status: 'failed', failure }, now);
    expect(ended.workspace).toMatchObject({ status: 'failed', failure, stopAt: undefined });
    expect(ended.builds).toMatchObject([{ status: 'failed', failure }]);
    expect(ended.acts).toMatchObject([
      { action: 'build.fail', outcome: 'failure', details: { error: 'startup_failed' } },
    ]);
  });

  test('that failed begins the next one when something else is desired by now', () => {
    const { workspace, build } = building('stop');
    const ended = endBuild({ ...workspace, desired: 'deleted' }, build, { status: 'failed', failure }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'delete' });
  });
});

test('a build keeps the parameters it was asked for with, the ephemeral ones for itself alone', () => {
  const workspace = givenWorkspace({ parameters: { cpu: 2 } });
  const { builds, workspace: after } = beginBuild(workspace, { ...byPerson, ephemeral: { debug: true } }, now);
  expect(builds[0]?.parameters).toEqual({ cpu: 2, debug: true });
  expect(after.parameters).toEqual({ cpu: 2 });
});

test('a start that was asked for anew while the first failed is not forgotten', () => {
  const { workspace, build } = building('start');
  const asked = requestStart(workspace, build, { ...byPerson, rebuild: true }, now);
  const ended = endBuild(asked.workspace, asked.builds[0] ?? build, { status: 'failed', failure }, now);
  expect(ended.builds[1]).toMatchObject({ transition: 'start', number: build.number + 1 });
});
