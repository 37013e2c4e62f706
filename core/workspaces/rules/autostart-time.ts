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
 * The next moment after `after` at which a workspace starts by itself. A time that the clocks leave out when they are
 * put forward is the first moment after; one that they show twice when they are put back is the first of the two only.
 */
export const nextAutostart = ({ days, at, timeZone }: Autostart, after: Date): Date => {
  const clock = wallClock(timeZone);
  const today = Math.floor(clock.shownAt(after.getTime()) / day) * day;
  // Today may be over: its weekday comes again on the eighth day.
  for (let date = today; date <= today + 7 * day; date += day) {
    const moment = days.some((name) => name === weekdayOf(date)) ? clock.firstAt(date + sinceMidnight(at)) : 0;
    if (moment > after.getTime()) return new Date(moment);
  }
  throw new TypeError('an autostart has a day at least');
};

/**
 * A start that could not be asked for in time, as Berth was down, is made up for within the hour. After that the person
 * has started the workspace, or does not want it any more: the next moment is soon enough.
 */
const latestMs = 60 * minute;

/** What is to be done about a moment: it is still to come, to start now, or too long past. */
export const autostartState = ({ autostartAt }: WorkspaceRecord, now: Date): 'waiting' | 'due' | 'late' => {
  if (autostartAt === undefined || autostartAt > instant(now)) return 'waiting';
  return instant(later(new Date(autostartAt), latestMs)) < instant(now) ? 'late' : 'due';
};

/** Whether it runs, or is on the way there. */
const isUp = ({ desired, status }: WorkspaceRecord): boolean => desired === 'running' && status !== 'failed';

/**
 * The next moment, as the table keeps it after a change. One that came while the workspace was up has been served: it
 * is not to start it again when it stops a little later.
 */
export const keptAutostart = (before: WorkspaceRecord, after: WorkspaceRecord, now: Date): string | undefined => {
  const { autostart, autostartAt } = after;
  if (autostart === undefined) return undefined;
  const isServed = isUp(before) && autostartState(after, now) !== 'waiting';
  return autostartAt === undefined || isServed ? instant(nextAutostart(autostart, now)) : autostartAt;
};

/** Autostart as a person is told it. */
export const autostartView = (workspace: WorkspaceRecord, now: Date): Workspace['autostart'] => {
  const { autostart, desired } = workspace;
  const next = keptAutostart(workspace, workspace, now);
  return autostart === undefined || next === undefined || desired === 'deleted' ? undefined : { ...autostart, next };
};

/** `mon,fri 08:30 Europe/Berlin`, or `off`: the same for the same autostart. */
export const autostartWords = (autostart: Autostart | undefined): string =>
  autostart === undefined ? 'off' : `${autostart.days.join(',')} ${autostart.at} ${autostart.timeZone}`;
