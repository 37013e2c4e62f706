import { durationMs } from '../../../contracts/values/duration.ts';
import type { StopReason, Workspace } from '../../../contracts/workspaces/workspace.ts';
import { instant, later, msOf } from '../../instant.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';

interface StopTime {
  at: Date;
  reason: StopReason;
}

/**
 * When a running workspace stops: `min(idle deadline, hard deadline)`. Activity and an extension move the idle
 * deadline; nothing moves the hard one.
 */
export const stopTime = (workspace: WorkspaceRecord): StopTime | undefined => {
  if (workspace.startedAt === undefined) return undefined;
  const idle = idleDeadline(workspace, workspace.startedAt);
  const hard = hardDeadline(workspace);
  if (hard !== undefined && hard < idle) return { at: new Date(hard), reason: 'deadline' };
  return { at: new Date(idle), reason: 'idle' };
};

const idleDeadline = (workspace: WorkspaceRecord, startedAt: string): number => {
  const lastUse = msOf(workspace.lastActivityAt ?? startedAt);
  const idle = lastUse + durationMs(workspace.stopPolicy.idleTimeout);
  return workspace.extendedUntil === undefined ? idle : Math.max(idle, msOf(workspace.extendedUntil));
};

const hardDeadline = ({ startedAt, stopPolicy }: WorkspaceRecord): number | undefined =>
  startedAt === undefined || stopPolicy.maxRuntime === undefined
    ? undefined
    : msOf(startedAt) + durationMs(stopPolicy.maxRuntime);

/** The stop time as the table stores it for every running workspace. */
export const stopFields = (workspace: WorkspaceRecord): Pick<WorkspaceRecord, 'stopAt' | 'stopReason'> => {
  const stop = stopTime(workspace);
  return { stopAt: stop && instant(stop.at), stopReason: stop?.reason };
};

/** The latest time to which the template lets a person extend the workspace at `now`. */
export const extendableUntil = (workspace: WorkspaceRecord, now: Date): Date => {
  const bound = later(now, durationMs(workspace.stopPolicy.maxExtension)).getTime();
  return new Date(Math.min(bound, hardDeadline(workspace) ?? bound));
};

/** The stop as the API shows it. */
export const stopView = (workspace: WorkspaceRecord, now: Date): Workspace['stop'] => {
  const stop = stopTime(workspace);
  if (stop === undefined || workspace.stopAt === undefined) return undefined;
  return {
    at: workspace.stopAt,
    reason: stop.reason,
    because: because(workspace, stop),
    extendableUntil: instant(extendableUntil(workspace, now)),
  };
};

const because = (workspace: WorkspaceRecord, stop: StopTime): string => {
  const { stopPolicy, extendedUntil, lastActivityAt } = workspace;
  if (stop.reason === 'deadline')
    return `${stopPolicy.maxRuntime} after it started, the maximum that its template allows`;
  if (extendedUntil !== undefined && instant(stop.at) === extendedUntil) return 'because it was extended';
  if (lastActivityAt === undefined) return `${stopPolicy.idleTimeout} after it started, if nobody uses it`;
  return `${stopPolicy.idleTimeout} after the last activity`;
};
