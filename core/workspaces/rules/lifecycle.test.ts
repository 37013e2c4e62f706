import { describe, expect, test } from 'vitest';
import type { Transition } from '../../../contracts/workspaces/builds.ts';
import { type WorkspaceRecord, workspaceItem } from '../records/workspace-record.ts';
import { givenActiveBuild, givenWorkspace, now } from '../testing/records.ts';
import { beginBuild, endBuild } from './lifecycle.ts';
import { requestDelete, requestStart, requestStop } from './requests.ts';

const byPerson = { reason: 'person' as const, requestedBy: 'ada' };
const failure = { error: 'startup_failed', message: 'It failed.', action: 'Try again.' };

const building = (transition: Transition) => {
  const desired = ({ start: 'running', stop: 'stopped', delete: 'deleted' } as const)[transition];
  return givenActiveBuild(givenWorkspace({ desired, status: transition === 'start' ? 'starting' : 'running' }));
};

describe('a start', () => {
  test('of a stopped workspace begins a build', () => {
    const change = requestStart(givenWorkspace({ status: 'stopped' }), undefined, { ...byPerson, rebuild: false }, now);
    expect(change.workspace).toMatchObject({ desired: 'running', status: 'pending', build: { number: 2 } });
    expect(change.builds).toMatchObject([{ transition: 'start', status: 'pending', requestedBy: 'ada' }]);
  });

  test('joins the active start', () => {
    const { workspace, build } = building('start');
    const change = requestStart(workspace, build, { ...byPerson, rebuild: false }, now);
    expect(change).toEqual({ workspace, builds: [], auditEvents: [] });
  });

  test('with other parameters cancels and repeats the active start', () => {
    const { workspace, build } = building('start');
    const change = requestStart(workspace, build, { ...byPerson, rebuild: true }, now);
    expect(change.builds).toMatchObject([{ number: build.number, cancel: true }]);
    const ended = endBuild(change.workspace, change.builds[0] ?? build, { status: 'canceled' }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'start', number: build.number + 1 });
  });

  test('with other parameters restarts a running workspace', () => {
    const running = givenWorkspace({ status: 'running', desired: 'running' });
    const change = requestStart(running, undefined, { ...byPerson, rebuild: true }, now);
    expect(change.builds).toMatchObject([{ transition: 'stop' }]);
    const [stop] = change.builds;
    if (stop === undefined) throw new Error('no build');
    const ended = endBuild(change.workspace, stop, { status: 'succeeded' }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'start', requestedBy: 'ada' });
  });

  test('during a stop begins when the stop has ended', () => {
    const { workspace, build } = building('stop');
    const change = requestStart(workspace, build, { ...byPerson, rebuild: false }, now);
    expect(change.builds).toEqual([]);
    const ended = endBuild(change.workspace, build, { status: 'succeeded' }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'start' });
    expect(ended.auditEvents.map(({ action }) => action)).toEqual(['build.succeed', 'build.begin']);
  });
});

describe('a stop', () => {
  test('during a start cancels it, and the canceled build leaves the workspace stopped', () => {
    const { workspace, build } = building('start');
    const change = requestStop(workspace, build, byPerson, now);
    expect(change.workspace).toMatchObject({ desired: 'stopped', status: 'canceling' });
    expect(change.builds).toMatchObject([{ number: build.number, cancel: true }]);
    const ended = endBuild(change.workspace, { ...build, cancel: true }, { status: 'canceled' }, now);
    expect(ended.workspace.status).toBe('stopped');
    expect(ended.builds).toHaveLength(1);
  });

  test('of a stopped workspace changes nothing', () => {
    const workspace = givenWorkspace({ status: 'stopped', desired: 'stopped' });
    expect(requestStop(workspace, undefined, byPerson, now).builds).toEqual([]);
  });
});

describe('a delete', () => {
  test('cancels an active start', () => {
    const { workspace, build } = building('start');
    const change = requestDelete(workspace, build, byPerson, now);
    const ended = endBuild(change.workspace, { ...build, cancel: true }, { status: 'canceled' }, now);
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

  test('that failed is recorded and audited, and not repeated automatically', () => {
    const { workspace, build } = building('start');
    const ended = endBuild(workspace, build, { status: 'failed', failure }, now);
    expect(ended.workspace).toMatchObject({ status: 'failed', failure, stopAt: undefined });
    expect(ended.builds).toMatchObject([{ status: 'failed', failure }]);
    expect(ended.auditEvents).toMatchObject([
      { action: 'build.fail', outcome: 'failure', details: { error: 'startup_failed' } },
    ]);
  });

  test('that failed begins the next build when another state is desired by then', () => {
    const { workspace, build } = building('stop');
    const ended = endBuild({ ...workspace, desired: 'deleted' }, build, { status: 'failed', failure }, now);
    expect(ended.builds[1]).toMatchObject({ transition: 'delete' });
  });
});

test('a build stores the parameters of its request, and the workspace does not store ephemeral ones', () => {
  const workspace = givenWorkspace({ parameters: { cpu: 2 } });
  const { builds, workspace: after } = beginBuild(workspace, { ...byPerson, ephemeral: { debug: true } }, now);
  expect(builds[0]?.parameters).toEqual({ cpu: 2, debug: true });
  expect(after.parameters).toEqual({ cpu: 2 });
});

test('a start that was requested again while the first failed is carried out', () => {
  const { workspace, build } = building('start');
  const change = requestStart(workspace, build, { ...byPerson, rebuild: true }, now);
  const ended = endBuild(change.workspace, change.builds[0] ?? build, { status: 'failed', failure }, now);
  expect(ended.builds[1]).toMatchObject({ transition: 'start', number: build.number + 1 });
});

describe('a request that has to wait for another build', () => {
  const request = { reason: 'person' as const, requestedBy: 'grace', ephemeral: { debug: true } };
  const succeeded = { status: 'succeeded' } as const;

  test('keeps the requester and the ephemeral parameters for its own build', () => {
    const { workspace, build } = building('stop');
    const waiting = requestStart(workspace, build, { ...request, rebuild: false }, now);
    const joined = requestStart(waiting.workspace, build, { ...byPerson, rebuild: false }, now);
    expect(joined.workspace.next).toEqual(request);
    const ended = endBuild(joined.workspace, build, succeeded, now);
    expect(ended.builds[1]).toMatchObject({ requestedBy: 'grace', ephemeral: { debug: true } });
    expect(ended.builds[1]?.parameters).toEqual({ debug: true });
    expect(ended.workspace.next).toBeUndefined();
  });

  test('as a restart of a running workspace, gives them to the start and not to the stop', () => {
    const running = givenWorkspace({ status: 'running', desired: 'running' });
    const change = requestStart(running, undefined, { ...request, rebuild: true }, now);
    const [stop] = change.builds;
    if (stop === undefined) throw new Error('no build');
    expect(stop.ephemeral).toEqual({});
    expect(endBuild(change.workspace, stop, succeeded, now).builds[1]).toMatchObject(request);
  });

  test('as a restart of a starting workspace, does not change the parameters of the active build', () => {
    const { workspace, build } = building('start');
    const change = requestStart(workspace, build, { ...request, rebuild: true }, now);
    expect(change.builds[0]?.ephemeral).toEqual(build.ephemeral);
    const [canceled = build] = change.builds;
    expect(endBuild(change.workspace, canceled, { status: 'canceled' }, now).builds[1]).toMatchObject(request);
  });

  test('is dropped when another state is requested', () => {
    const { workspace, build } = building('stop');
    const waiting = requestStart(workspace, build, { ...request, rebuild: false }, now);
    const stopped = requestStop(waiting.workspace, build, byPerson, now);
    expect(stopped.workspace.next).toBeUndefined();
    expect(requestDelete(waiting.workspace, build, byPerson, now).workspace.next).toMatchObject(byPerson);
  });

  test('is dropped when the canceled build already led to the requested state', () => {
    const { workspace, build } = building('start');
    const stopped = requestStop(workspace, build, byPerson, now);
    const ended = endBuild(stopped.workspace, { ...build, cancel: true }, { status: 'canceled' }, now);
    expect(ended.workspace).toMatchObject({ status: 'stopped', next: undefined });
  });
});

describe('a stop that failed', () => {
  const failAgain = (workspace: WorkspaceRecord) => {
    const begun = beginBuild(workspace, { reason: 'repair' }, now);
    const [build] = begun.builds;
    if (build === undefined) throw new Error('no build');
    return endBuild(begun.workspace, build, { status: 'failed', failure }, now).workspace;
  };
  const stopping = givenWorkspace({ desired: 'stopped', status: 'running' });

  test('is retried later with each failure in a row', () => {
    const once = failAgain(stopping);
    expect(workspaceItem(once)).toMatchObject({
      duePk: expect.stringMatching(/^unfinished#/),
      dueSk: `2026-11-20T10:00:30.000Z#${once.id}`,
    });
    expect(workspaceItem(failAgain(once))['dueSk']).toBe(`2026-11-20T10:01:00.000Z#${once.id}`);
  });

  test('starts its count again after a success, and after a request of a person', () => {
    const twice = failAgain(failAgain(stopping));
    expect(twice.retry?.failures).toBe(2);
    const change = requestStop(twice, undefined, byPerson, now);
    const [build] = change.builds;
    if (build === undefined) throw new Error('no build');
    expect(endBuild(change.workspace, build, { status: 'failed', failure }, now).workspace.retry?.failures).toBe(1);
    const begun = beginBuild(twice, { reason: 'repair' }, now);
    const ended = endBuild(begun.workspace, build, { status: 'succeeded' }, now);
    expect(ended.workspace).toMatchObject({ status: 'stopped', retry: undefined });
  });
});

test('a repair keeps the extension of a person', () => {
  const until = new Date(now.getTime() + 9 * 3_600_000).toISOString();
  const running = givenWorkspace({ status: 'running', startedAt: now.toISOString(), extendedUntil: until });
  const begun = beginBuild(running, { reason: 'repair', because: 'It ran out of memory.' }, now);
  const [build] = begun.builds;
  if (build === undefined) throw new Error('no build');
  expect(build.because).toBe('It ran out of memory.');
  const again = endBuild(begun.workspace, build, { status: 'succeeded' }, now).workspace;
  expect(again).toMatchObject({ status: 'running', extendedUntil: until, stopAt: until });
});

test('a start clears the fields of the previous run', () => {
  const ran = {
    startedAt: now.toISOString(),
    agent: { status: 'ready' as const, since: now.toISOString() },
    appHealth: { web: 'healthy' as const },
    lastActivityAt: now.toISOString(),
    extendedUntil: now.toISOString(),
  };
  const { workspace } = beginBuild(givenWorkspace({ ...ran, desired: 'running' }), byPerson, now);
  const gone = { agent: undefined, appHealth: {}, startedAt: undefined };
  expect(workspace).toMatchObject({ ...gone, lastActivityAt: undefined, extendedUntil: undefined });
});

test('a running workspace is due at its stop, and before that when its agent stays away', () => {
  const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
  const due = (fields: Partial<WorkspaceRecord>) =>
    workspaceItem(givenWorkspace({ status: 'running', desired: 'running', ...fields }))['dueSk'];
  const away = { status: 'disconnected' as const, since: now.toISOString() };
  expect(due({ stopAt: at(60) })).toMatch(at(60));
  expect(due({ stopAt: at(60), agent: away })).toMatch('2026-11-20T10:00:20.000Z#');
  expect(due({ stopAt: at(0), agent: away })).toMatch(at(0));
});
