import type { DesiredState } from '../../../contracts/workspaces/workspace.ts';
import { BerthError } from '../../errors.ts';
import type { BuildRecord, BuildRequest } from '../records/build-record.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { beginBuild, type LifecycleChange, requestOf, targetOf, unchanged } from './lifecycle.ts';

/**
 * Requests to a workspace, as pure functions of its record and the time. A request changes the desired state and begins
 * the build that brings the workspace there. While another build is active, the request waits as `next`.
 */
export const refuseDeleted = (workspace: WorkspaceRecord) => {
  if (workspace.desired === 'deleted')
    throw new BerthError(
      'wrong_state',
      `The workspace ${workspace.name} is being deleted, which cannot be undone. Create a new one.`,
    );
};

/** A request resets the retry count of earlier failures. */
const withDesired = (workspace: WorkspaceRecord, desired: DesiredState): WorkspaceRecord => ({
  ...workspace,
  desired,
  retry: undefined,
});

/**
 * The request to carry out when the active build has ended. A request for the state that is desired already joins the
 * earlier request.
 */
const nextAfter = (
  workspace: WorkspaceRecord,
  active: BuildRecord,
  desired: DesiredState,
  request: BuildRequest,
): BuildRequest | undefined => {
  if (!active.cancel && targetOf[active.transition] === desired) return undefined;
  const waiting = workspace.desired === desired ? workspace.next : undefined;
  return waiting ?? requestOf(request);
};

/**
 * Requests a running workspace. A second start joins the first; `rebuild` (other parameters or another version)
 * restarts a running workspace and cancels and repeats a start.
 */
export const requestStart = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest & { rebuild: boolean },
  now: Date,
): LifecycleChange => {
  refuseDeleted(workspace);
  const desired = withDesired(workspace, 'running');
  const { reason, requestedBy } = request;
  if (active !== undefined) {
    return request.rebuild
      ? cancelStart({ ...desired, next: requestOf(request) }, active)
      : unchanged({ ...desired, next: nextAfter(workspace, active, 'running', request) });
  }
  if (workspace.status !== 'running') return beginBuild({ ...desired, repairs: 0 }, request, now);
  if (!request.rebuild) return unchanged(desired);
  const stop = beginBuild({ ...desired, desired: 'stopped' }, { reason, requestedBy }, now);
  return { ...stop, workspace: { ...stop.workspace, desired: 'running', next: requestOf(request) } };
};

/** Requests a stopped workspace. Cancels an active start; that build's clean-up stops the compute. */
export const requestStop = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest,
  now: Date,
): LifecycleChange => {
  refuseDeleted(workspace);
  const desired = withDesired(workspace, 'stopped');
  if (active !== undefined) {
    return cancelStart({ ...desired, next: nextAfter(workspace, active, 'stopped', request) }, active);
  }
  return workspace.status === 'stopped' ? unchanged(desired) : beginBuild(desired, request, now);
};

/** Requests its deletion, which no later request can undo. */
export const requestDelete = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest,
  now: Date,
): LifecycleChange => {
  const desired = withDesired(workspace, 'deleted');
  if (active !== undefined) {
    return cancelStart({ ...desired, next: nextAfter(workspace, active, 'deleted', request) }, active);
  }
  return workspace.status === 'deleted' ? unchanged(desired) : beginBuild(desired, request, now);
};

const cancelStart = (workspace: WorkspaceRecord, active: BuildRecord): LifecycleChange => {
  if (active.transition !== 'start' || active.cancel) return unchanged(workspace);
  return {
    workspace: { ...workspace, status: 'canceling' },
    builds: [{ ...active, cancel: true }],
    auditEvents: [],
  };
};
