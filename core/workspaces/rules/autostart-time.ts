import { weekdays } from '../../../contracts/values/weekdays.ts';
import type { Autostart } from '../../../contracts/workspaces/autostart.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { instant, later } from '../../instant.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { wallClock } from './wall-clock.ts';

const minute = 60_000;
const day = 86_400_000;

const weekdayOf = (date: number) => weekdays[(new Date(date).getUTCDay() + 6) % 7];

const sinceMidnight = (at: string): number => (Number(at.slice(0, 2)) * 60 + Number(at.slice(3))) * minute;

/**
 * The next instant after `after` at which a workspace starts automatically. A local time that the change to daylight
 * saving time skips becomes the instant of the change; of a local time that occurs twice, only the first counts.
 */
export const nextAutostart = ({ days, at, timeZone }: Autostart, after: Date): Date => {
  const clock = wallClock(timeZone);
  const today = Math.floor(clock.localTimeAt(after.getTime()) / day) * day;
  // Today's time may have passed: its weekday comes again on the eighth day.
  for (let date = today; date <= today + 7 * day; date += day) {
    const startAt = days.some((name) => name === weekdayOf(date)) ? clock.firstInstantOf(date + sinceMidnight(at)) : 0;
    if (startAt > after.getTime()) return new Date(startAt);
  }
  throw new TypeError('an autostart has at least one day');
};

/**
 * An autostart that was missed because Berth was down still happens within this time. After that the person has started
 * the workspace or no longer needs it.
 */
const catchUpMs = 60 * minute;

/** Whether an autostart is in the future, should happen now, or was missed by too much. */
export const autostartState = ({ autostartAt }: WorkspaceRecord, now: Date): 'waiting' | 'due' | 'late' => {
  if (autostartAt === undefined || autostartAt > instant(now)) return 'waiting';
  return instant(later(new Date(autostartAt), catchUpMs)) < instant(now) ? 'late' : 'due';
};

/** Whether the workspace runs or is starting. */
const isUp = ({ desired, status }: WorkspaceRecord): boolean => desired === 'running' && status !== 'failed';

/**
 * The `autostartAt` to store after a change. An autostart that became due while the workspace was up is done: it must
 * not start the workspace again when that stops a little later.
 */
export const autostartAfterChange = (
  before: WorkspaceRecord,
  after: WorkspaceRecord,
  now: Date,
): string | undefined => {
  const { autostart, autostartAt } = after;
  if (autostart === undefined) return undefined;
  const isDone = isUp(before) && autostartState(after, now) !== 'waiting';
  return autostartAt === undefined || isDone ? instant(nextAutostart(autostart, now)) : autostartAt;
};

/** The autostart in API responses. */
export const autostartView = (workspace: WorkspaceRecord, now: Date): Workspace['autostart'] => {
  const { autostart, desired } = workspace;
  const next = autostartAfterChange(workspace, workspace, now);
  return autostart === undefined || next === undefined || desired === 'deleted' ? undefined : { ...autostart, next };
};

/** `mon,fri 08:30 Europe/Berlin`, or `off`; equal for equal autostarts. */
export const autostartText = (autostart: Autostart | undefined): string =>
  autostart === undefined ? 'off' : `${autostart.days.join(',')} ${autostart.at} ${autostart.timeZone}`;
