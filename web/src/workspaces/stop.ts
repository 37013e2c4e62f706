import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { formatWhen, type Locale } from '../lib/format.ts';

export type Stop = NonNullable<Workspace['stop']>;

const minute = 60_000;

/** Milliseconds before the stop from which it is highlighted. */
const soon = 15 * minute;

export const stopsSoon = (stop: Stop, now: Date): boolean => Date.parse(stop.at) - now.getTime() < soon;

/** `Stops at 19:04, 2h after the last activity.` */
export const stopSentence = (stop: Stop, now: Date, locale: Locale = {}): string => {
  const at = new Date(stop.at);
  const because = stop.because.replace(/\.+$/, '');
  return at <= now ? `Stopping now, ${because}.` : `Stops ${formatWhen(at, now, locale)}, ${because}.`;
};

interface Extension {
  minutes: number;
  /** The resulting stop time. */
  until: Date;
  /** The longest extension that the template allows. */
  isLongest: boolean;
  /** Why this extension is not possible. */
  refused?: 'sooner' | 'beyond';
}

const choices = [30, 60, 120, 240] as const;

const refusal = (until: Date, stop: Stop): Extension['refused'] => {
  if (until <= new Date(stop.at)) return 'sooner';
  return until > new Date(stop.extendableUntil) ? 'beyond' : undefined;
};

/** The extensions to choose from: the usual ones, and the longest that the template allows. */
export const extensions = (stop: Stop, now: Date): Extension[] => {
  const longest = Math.floor((Date.parse(stop.extendableUntil) - now.getTime()) / minute);
  const usual = choices.filter((minutes) => minutes !== longest);
  return [...usual, ...(longest >= 1 ? [longest] : [])].map((minutes) => {
    const until = new Date(now.getTime() + minutes * minute);
    const refused = refusal(until, stop);
    return { minutes, until, isLongest: minutes === longest, ...(refused === undefined ? {} : { refused }) };
  });
};
