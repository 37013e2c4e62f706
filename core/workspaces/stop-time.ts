import { durationMs } from '../../contracts/template.ts';
import type { StopReason, Workspace } from '../../contracts/workspace.ts';
import { instant, later, msOf } from '../instant.ts';
import type { WorkspaceRecord } from './record.ts';

export interface StopTime {
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

/** The fields that keep the stop time in the table; every running workspace has them. */
export const stopFields = (workspace: WorkspaceRecord): Pick<WorkspaceRecord, 'stopAt' | 'stopReason'> => {
  const stop = stopTime(workspace);
  return { stopAt: stop && instant(stop.at), stopReason: stop?.reason };
};

/** The furthest that the template lets a person put the stop off, asked at `now`. */
export const extendableUntil = (workspace: WorkspaceRecord, now: Date): Date => {
  const bound = later(now, durationMs(workspace.stopPolicy.maxExtension)).getTime();
  return new Date(Math.min(bound, hardDeadline(workspace) ?? bound));
};

/** The stop as a person is told it. */
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
    return `${inWords(stopPolicy.maxRuntime ?? '')} after it started, the longest its template allows`;
  if (extendedUntil !== undefined && instant(stop.at) === extendedUntil) return 'as it was extended to then';
  if (lastActivityAt === undefined) return `${inWords(stopPolicy.idleTimeout)} after it started, if nobody uses it`;
  return `${inWords(stopPolicy.idleTimeout)} after the last keystroke`;
};

const unitWords: Record<string, string> = { s: 's', m: 'min', h: 'h', d: 'd' };

/** `2h` → `2 h`, `15m` → `15 min`. */
export const inWords = (duration: string): string => `${duration.slice(0, -1)} ${unitWords[duration.slice(-1)] ?? ''}`;
