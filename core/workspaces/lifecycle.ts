import type { DesiredState, Failure, Transition } from '../../contracts/workspace.ts';
import type { Act } from '../audit.ts';
import { instant } from '../instant.ts';
import { expiryOfDeleted } from './expiry.ts';
import { type BuildRecord, type BuildRequest, buildIdOf, type WorkspaceRecord } from './record.ts';
import { retryAfter } from './retry.ts';
import { stopFields } from './stop-time.ts';

/**
 * The life of a workspace, as pure rules of its record and now. A request (`requests.ts`) changes what is desired; a
 * build makes it so; the end of a build looks at what is desired by then, and begins the next one if that is something
 * else.
 */
export interface Step {
  workspace: WorkspaceRecord;
  /** Builds made or changed by this step, to be written with the workspace. */
  builds: BuildRecord[];
  acts: Act[];
}

export const unchanged = (workspace: WorkspaceRecord): Step => ({ workspace, builds: [], acts: [] });

/** The request in a build, or in what else holds one. */
export const requestOf = ({ reason, requestedBy, ephemeral }: BuildRequest): BuildRequest => ({
  reason,
  requestedBy,
  ephemeral,
});

export const targetOf: Record<Transition, DesiredState> = { start: 'running', stop: 'stopped', delete: 'deleted' };
const transitionTo: Record<DesiredState, Transition> = { running: 'start', stopped: 'stop', deleted: 'delete' };
const statusOf = { start: 'pending', stop: 'stopping', delete: 'deleting' } as const;

/** What ends with a run. */
export const noRun = {
  agent: undefined,
  appHealth: {},
  startedAt: undefined,
  stopAt: undefined,
  stopReason: undefined,
} satisfies Partial<WorkspaceRecord>;

/** What of the run before a build does away with. A start begins from nothing, else it takes an old agent for its own. */
const runOf: Record<Transition, Partial<WorkspaceRecord>> = {
  start: { ...noRun, lastActivityAt: undefined, extendedUntil: undefined },
  stop: { stopAt: undefined, stopReason: undefined },
  delete: { stopAt: undefined, stopReason: undefined },
};

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
      ...runOf[transition],
      status: statusOf[transition],
      build: { id: build.id, number, transition, reason: request.reason, status: 'pending' },
      next: undefined,
      failure: undefined,
    },
    builds: [build],
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

/** Ends the active build, and begins the next one, as it was asked for, when something else is desired by now. */
export const endBuild = (workspace: WorkspaceRecord, build: BuildRecord, ending: Ending, now: Date): Step => {
  const isDeleted = ending.status === 'succeeded' && build.transition === 'delete';
  const ended: BuildRecord = {
    ...build,
    status: ending.status,
    endedAt: instant(now),
    expires: isDeleted ? expiryOfDeleted(instant(now)) : undefined,
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
  if (after.status === after.desired || !wantsMore(after, build, ending)) {
    const atRest = { ...after, next: undefined, retry: retryAfter(after, now) };
    return { workspace: atRest, builds: [ended], acts: [act] };
  }
  const next = beginBuild(after, requestOf(after.next ?? build), now);
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
  if (ending.status === 'succeeded') return { ...noRun, status: targetOf[build.transition] };
  if (ending.status === 'canceled') return { ...noRun, status: 'stopped' };
  return { ...noRun, status: 'failed', failure: ending.failure };
};

export const beginAct = (build: WorkspaceRecord['build']): Act => ({
  action: 'build.begin',
  actor: 'system',
  details: { build: build.number, transition: build.transition, reason: build.reason },
});
