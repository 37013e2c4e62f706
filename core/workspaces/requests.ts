import type { DesiredState } from '../../contracts/workspace.ts';
import { BerthError } from '../errors.ts';
import { beginBuild, requestOf, type Step, targetOf, unchanged } from './lifecycle.ts';
import type { BuildRecord, BuildRequest, WorkspaceRecord } from './record.ts';

/**
 * What somebody asks of a workspace, as pure rules of its record and now. A request changes what is desired, and
 * begins the build that brings it; while another build is under way it is kept as `next` until that is over.
 */
export const refuseDeleted = (workspace: WorkspaceRecord) => {
  if (workspace.desired === 'deleted')
    throw new BerthError(
      'wrong_state',
      `The workspace ${workspace.name} is being deleted, which cannot be undone. Create a new one.`,
    );
};

/** A request forgets that the same failed before: the next failure is the first again. */
const wanting = (workspace: WorkspaceRecord, desired: DesiredState): WorkspaceRecord => ({
  ...workspace,
  desired,
  retry: undefined,
});

/** What is left to do when the active build is over. A request for what is asked for already joins that. */
const nextAfter = (
  workspace: WorkspaceRecord,
  active: BuildRecord,
  desired: DesiredState,
  request: BuildRequest,
): BuildRequest | undefined => {
  if (!active.cancel && targetOf[active.transition] === desired) return undefined;
  const asked = workspace.desired === desired ? workspace.next : undefined;
  return asked ?? requestOf(request);
};

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
  const desired = wanting(workspace, 'running');
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

/** Asks for a stopped workspace. While it starts, this cancels the start; the build's own clean-up stops it. */
export const requestStop = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest,
  now: Date,
): Step => {
  refuseDeleted(workspace);
  const desired = wanting(workspace, 'stopped');
  if (active !== undefined) {
    return cancelStart({ ...desired, next: nextAfter(workspace, active, 'stopped', request) }, active);
  }
  return workspace.status === 'stopped' ? unchanged(desired) : beginBuild(desired, request, now);
};

/** Asks for its end. Delete wins over everything: nothing changes what is desired any more. */
export const requestDelete = (
  workspace: WorkspaceRecord,
  active: BuildRecord | undefined,
  request: BuildRequest,
  now: Date,
): Step => {
  const desired = wanting(workspace, 'deleted');
  if (active !== undefined) {
    return cancelStart({ ...desired, next: nextAfter(workspace, active, 'deleted', request) }, active);
  }
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
