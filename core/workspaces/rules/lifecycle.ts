import type { Failure, Transition } from '../../../contracts/workspaces/builds.ts';
import type { DesiredState } from '../../../contracts/workspaces/workspace.ts';
import type { NewAuditEvent } from '../../audit/audit-events.ts';
import { instant } from '../../instant.ts';
import { type BuildRecord, type BuildRequest, buildIdOf } from '../records/build-record.ts';
import { expiryOfDeleted } from '../records/expiry.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { retryAfter } from './retry-time.ts';
import { stopFields } from './stop-time.ts';

/**
 * The lifecycle of a workspace, as pure functions of its record and the time. A request (`requests.ts`) changes the
 * desired state; a build brings the workspace there; the end of a build begins the next one if the desired state
 * changed meanwhile.
 */
export interface LifecycleChange {
  workspace: WorkspaceRecord;
  /** Builds that were created or changed, to be written with the workspace. */
  builds: BuildRecord[];
  auditEvents: NewAuditEvent[];
}

export const unchanged = (workspace: WorkspaceRecord): LifecycleChange => ({ workspace, builds: [], auditEvents: [] });

/** The request part of a build or of `next`. */
export const requestOf = ({ reason, because, requestedBy, ephemeral }: BuildRequest): BuildRequest => ({
  reason,
  because,
  requestedBy,
  ephemeral,
});

export const targetOf: Record<Transition, DesiredState> = { start: 'running', stop: 'stopped', delete: 'deleted' };
const transitionTo: Record<DesiredState, Transition> = { running: 'start', stopped: 'stop', deleted: 'delete' };
const statusOf = { start: 'pending', stop: 'stopping', delete: 'deleting' } as const;

/** The fields that end with a run. */
export const noRun = {
  agent: undefined,
  appHealth: {},
  appProblems: undefined,
  unhealthy: undefined,
  startedAt: undefined,
  stopAt: undefined,
  stopReason: undefined,
} satisfies Partial<WorkspaceRecord>;

/**
 * The fields of the previous run that a build clears. A start clears all, or it would mistake an old agent for its own.
 */
const clearedFields: Record<Transition, Partial<WorkspaceRecord>> = {
  start: { ...noRun, lastActivityAt: undefined, extendedUntil: undefined },
  stop: { stopAt: undefined, stopReason: undefined },
  delete: { stopAt: undefined, stopReason: undefined },
};

/** A repair continues the run whose compute was lost, so a person's extension remains. */
const carriedOver = ({ reason }: BuildRequest, { extendedUntil }: WorkspaceRecord): Partial<WorkspaceRecord> =>
  reason === 'repair' ? { extendedUntil } : {};

/** Begins the build that brings the workspace to its desired state. The workspace must have no active build. */
export const beginBuild = (workspace: WorkspaceRecord, request: BuildRequest, now: Date): LifecycleChange => {
  const transition = transitionTo[workspace.desired];
  const number = Math.max(workspace.build.number + 1, workspace.buildsFrom ?? 0);
  const build: BuildRecord = {
    id: buildIdOf(workspace.id, number),
    workspaceId: workspace.id,
    number,
    transition,
    reason: request.reason,
    status: 'pending',
    template: { name: workspace.template.name, version: workspace.template.version },
    because: request.because,
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
      ...clearedFields[transition],
      ...carriedOver(request, workspace),
      status: statusOf[transition],
      build: { id: build.id, number, transition, reason: request.reason, status: 'pending' },
      buildAt: build.createdAt,
      next: undefined,
      failure: undefined,
    },
    builds: [build],
    auditEvents: [],
  };
};

/** The workflow has begun the build. Idempotent. */
export const markRunning = (workspace: WorkspaceRecord, build: BuildRecord, now: Date): LifecycleChange => {
  if (build.status !== 'pending') return unchanged(workspace);
  return {
    workspace: {
      ...workspace,
      status: workspace.status === 'pending' ? 'starting' : workspace.status,
      build: { ...workspace.build, status: 'running' },
    },
    builds: [{ ...build, status: 'running', startedAt: instant(now) }],
    auditEvents: [],
  };
};

export type BuildResult = { status: 'succeeded' } | { status: 'failed'; failure: Failure } | { status: 'canceled' };

const actionOf = { succeeded: 'build.succeed', failed: 'build.fail', canceled: 'build.cancel' } as const;

/** Ends the active build, and begins the next one if the desired state changed meanwhile. */
export const endBuild = (
  workspace: WorkspaceRecord,
  build: BuildRecord,
  result: BuildResult,
  now: Date,
): LifecycleChange => {
  const isDeleted = result.status === 'succeeded' && build.transition === 'delete';
  const ended: BuildRecord = {
    ...build,
    status: result.status,
    endedAt: instant(now),
    expires: isDeleted ? expiryOfDeleted(instant(now)) : undefined,
    failure: result.status === 'failed' ? result.failure : undefined,
    taskToken: undefined,
  };
  const after: WorkspaceRecord = {
    ...workspace,
    ...stateAfter(workspace, build, result, now),
    build: { ...workspace.build, status: result.status },
  };
  const auditEvent: NewAuditEvent = {
    action: actionOf[result.status],
    actor: 'system',
    outcome: result.status === 'failed' ? 'failure' : 'success',
    details: {
      build: build.number,
      transition: build.transition,
      ...(result.status === 'failed' ? { error: result.failure.error } : {}),
    },
  };
  if (after.status === after.desired || !needsNextBuild(after, build, result)) {
    const settled = { ...after, next: undefined, retry: retryAfter(after, now) };
    return { workspace: settled, builds: [ended], auditEvents: [auditEvent] };
  }
  const next = beginBuild(after, requestOf(after.next ?? build), now);
  return {
    workspace: next.workspace,
    builds: [ended, ...next.builds],
    auditEvents: [auditEvent, buildBeginEvent(next.workspace.build)],
  };
};

/** A failed build is followed by another one only if the desired state changed meanwhile. */
const needsNextBuild = (after: WorkspaceRecord, build: BuildRecord, result: BuildResult): boolean =>
  result.status !== 'failed' || build.cancel || after.desired !== targetOf[build.transition];

const stateAfter = (
  workspace: WorkspaceRecord,
  build: BuildRecord,
  result: BuildResult,
  now: Date,
): Partial<WorkspaceRecord> => {
  if (result.status === 'succeeded' && build.transition === 'start') {
    const running = { ...workspace, startedAt: instant(now), lastActivityAt: undefined };
    return { ...running, status: 'running', ...stopFields(running) };
  }
  if (result.status === 'succeeded') return { ...noRun, status: targetOf[build.transition] };
  if (result.status === 'canceled') return { ...noRun, status: 'stopped' };
  return { ...noRun, status: 'failed', failure: result.failure };
};

export const buildBeginEvent = (build: WorkspaceRecord['build']): NewAuditEvent => ({
  action: 'build.begin',
  actor: 'system',
  details: { build: build.number, transition: build.transition, reason: build.reason },
});
