import type { BuildReason, DesiredState, Failure, Transition } from '../../contracts/workspace.ts';
import type { Act } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { type BuildRecord, buildIdOf, type WorkspaceRecord } from './record.ts';
import { stopFields } from './stop-time.ts';

/**
 * The life of a workspace, as pure rules of its record and now. A request changes what is desired; a build makes it
 * so; the end of a build looks at what is desired by then, and begins the next one if that is something else.
 */
export interface Step {
  workspace: WorkspaceRecord;
  /** Builds made or changed by this step, to be written with the workspace. */
  builds: BuildRecord[];
  acts: Act[];
}

export interface BuildRequest {
  reason: BuildReason;
  requestedBy?: string | undefined;
  ephemeral?: BuildRecord['ephemeral'];
}

const targetOf: Record<Transition, DesiredState> = { start: 'running', stop: 'stopped', delete: 'deleted' };
const transitionTo: Record<DesiredState, Transition> = { running: 'start', stopped: 'stop', deleted: 'delete' };
const statusOf = { start: 'pending', stop: 'stopping', delete: 'deleting' } as const;

/** Begins the build that brings the workspace to what is desired. The workspace must have no active build. */
export const beginBuild = (workspace: WorkspaceRecord, request: BuildRequest, now: Date): Step => {
  const transition = transitionTo[workspace.desired];
  const number = workspace.build.number + 1;
  const build: BuildRecord = {
    id: buildIdOf(workspace.id, number),
    workspaceId: workspace.id,
    number,
    transition,
    reason: request.reason,
    status: 'pending',
    template: { name: workspace.template.name, version: workspace.template.version },
    requestedBy: request.requestedBy,
    ephemeral: request.ephemeral ?? {},
    parameters: { ...workspace.parameters, ...request.ephemeral },
    createdAt: instant(now),
    cancel: false,
    lastEvent: 0,
    usual: {},
    revision: 0,
  };
  return {
    workspace: {
      ...workspace,
      status: statusOf[transition],
      build: { id: build.id, number, transition, reason: request.reason, status: 'pending' },
      failure: undefined,
      stopAt: undefined,
      stopReason: undefined,
    },
    builds: [build],
    acts: [],
  };
};

const refuseDeleted = (workspace: WorkspaceRecord) => {
  if (workspace.desired === 'deleted')
    throw new BerthError(
      'wrong_state',
      `The workspace ${workspace.name} is being deleted, which cannot be undone. Create a new one.`,
    );
};

const unchanged = (workspace: WorkspaceRecord): Step => ({ workspace, builds: [], acts: [] });

/**
 * Asks for a running workspace. A second start joins the first; `rebuild` (other parameters, another version) restarts
 * one that runs, and begins anew one that starts.
 */
export const requestStart = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest & { rebuild: boolean },
  now: Date,
): Step => {
  refuseDeleted(workspace);
  const desired = { ...workspace, desired: 'running' as const };
  if (active !== undefined) {
    return request.rebuild
      ? cancelStart(desired, { ...active, ephemeral: request.ephemeral ?? {} })
      : unchanged(desired);
  }
  if (workspace.status !== 'running') return beginBuild({ ...desired, repairs: 0 }, request, now);
  if (!request.rebuild) return unchanged(desired);
  const stop = beginBuild({ ...workspace, desired: 'stopped' }, request, now);
  return { ...stop, workspace: { ...stop.workspace, desired: 'running' } };
};

/** Asks for a stopped workspace. While it starts, this cancels the start; the build's own clean-up stops it. */
export const requestStop = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest,
  now: Date,
): Step => {
  refuseDeleted(workspace);
  const desired = { ...workspace, desired: 'stopped' as const };
  if (active !== undefined) return cancelStart(desired, active);
  return workspace.status === 'stopped' ? unchanged(desired) : beginBuild(desired, request, now);
};

/** Asks for its end. Delete wins over everything: nothing changes what is desired any more. */
export const requestDelete = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest,
  now: Date,
): Step => {
  const desired = { ...workspace, desired: 'deleted' as const };
  if (active !== undefined) return cancelStart(desired, active);
  return workspace.status === 'deleted' ? unchanged(desired) : beginBuild(desired, request, now);
};

const cancelStart = (workspace: WorkspaceRecord, active: BuildRecord): Step => {
  if (active.transition !== 'start' || active.cancel) return unchanged(workspace);
  return {
    workspace: { ...workspace, status: 'canceling' },
    builds: [{ ...active, cancel: true }],
    acts: [],
  };
};

/** The workflow has taken the build up. Repeated, it changes nothing. */
export const markRunning = (workspace: WorkspaceRecord, build: BuildRecord, now: Date): Step => {
  if (build.status !== 'pending') return unchanged(workspace);
  return {
    workspace: {
      ...workspace,
      status: workspace.status === 'pending' ? 'starting' : workspace.status,
      build: { ...workspace.build, status: 'running' },
    },
    builds: [{ ...build, status: 'running', startedAt: instant(now) }],
    acts: [],
  };
};

export type Ending = { status: 'succeeded' } | { status: 'failed'; failure: Failure } | { status: 'canceled' };

const actionOf = { succeeded: 'build.succeed', failed: 'build.fail', canceled: 'build.cancel' } as const;

/** Ends the active build, and begins the next one when something else is desired by now. */
export const endBuild = (workspace: WorkspaceRecord, build: BuildRecord, ending: Ending, now: Date): Step => {
  const ended: BuildRecord = {
    ...build,
    status: ending.status,
    endedAt: instant(now),
    failure: ending.status === 'failed' ? ending.failure : undefined,
    taskToken: undefined,
  };
  const after: WorkspaceRecord = {
    ...workspace,
    ...stateAfter(workspace, build, ending, now),
    build: { ...workspace.build, status: ending.status },
  };
  const act: Act = {
    action: actionOf[ending.status],
    actor: 'system',
    outcome: ending.status === 'failed' ? 'failure' : 'success',
    details: {
      build: build.number,
      transition: build.transition,
      ...(ending.status === 'failed' ? { error: ending.failure.error } : {}),
    },
  };
  if (after.status === after.desired || !wantsMore(after, build, ending))
    return { workspace: after, builds: [ended], acts: [act] };
  const { reason, requestedBy, ephemeral } = build;
  const next = beginBuild(after, { reason, requestedBy, ephemeral }, now);
  return {
    workspace: next.workspace,
    builds: [ended, ...next.builds],
    acts: [act, beginAct(next.workspace.build)],
  };
};

/** A failed build is not tried again by itself, unless something else was asked for meanwhile. */
const wantsMore = (after: WorkspaceRecord, build: BuildRecord, ending: Ending): boolean =>
  ending.status !== 'failed' || build.cancel || after.desired !== targetOf[build.transition];

const stateAfter = (
  workspace: WorkspaceRecord,
  build: BuildRecord,
  ending: Ending,
  now: Date,
): Partial<WorkspaceRecord> => {
  if (ending.status === 'succeeded' && build.transition === 'start') {
    const running = { ...workspace, startedAt: instant(now), lastActivityAt: undefined, extendedUntil: undefined };
    return { ...running, status: 'running', ...stopFields(running) };
  }
  const gone = { agent: undefined, appHealth: {}, startedAt: undefined, stopAt: undefined, stopReason: undefined };
  if (ending.status === 'succeeded') return { ...gone, status: targetOf[build.transition] };
  if (ending.status === 'canceled') return { ...gone, status: 'stopped' };
  return { ...gone, status: 'failed', failure: ending.failure };
};

export const beginAct = (build: WorkspaceRecord['build']): Act => ({
  action: 'build.begin',
  actor: 'system',
  details: { build: build.number, transition: build.transition, reason: build.reason },
});
