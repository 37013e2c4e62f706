import type { Workspace } from '../../../contracts/workspace.ts';
import { type Locale, when } from './format.ts';

export type Stop = NonNullable<Workspace['stop']>;

const minute = 60_000;

/** How long before its stop a workspace is shown as stopping soon. */
const soon = 15 * minute;

export const stopsSoon = (stop: Stop, now: Date): boolean => Date.parse(stop.at) - now.getTime() < soon;

/** `Stops at 19:04, 2 h after the last keystroke.` */
export const stopSentence = (stop: Stop, now: Date, locale: Locale = {}): string => {
  const at = new Date(stop.at);
  const because = stop.because.replace(/\.+$/, '');
  return at <= now ? `Stopping now, ${because}.` : `Stops ${when(at, now, locale)}, ${because}.`;
};

interface Extension {
  minutes: number;
  /** When it would stop then. */
  until: Date;
  /** As far as the template lets a person go. */
  most: boolean;
  /** Why it cannot be chosen. */
  refused?: 'sooner' | 'beyond';
}

const choices = [30, 60, 120, 240] as const;

const refusal = (until: Date, stop: Stop): Extension['refused'] => {
  if (until <= new Date(stop.at)) return 'sooner';
  return until > new Date(stop.extendableUntil) ? 'beyond' : undefined;
};

/** How far the stop may be put off from now: the usual choices, and as far as the template lets a person go. */
export const extensions = (stop: Stop, now: Date): Extension[] => {
  const most = Math.floor((Date.parse(stop.extendableUntil) - now.getTime()) / minute);
  const usual = choices.filter((minutes) => minutes !== most);
  return [...usual, ...(most >= 1 ? [most] : [])].map((minutes) => {
    const until = new Date(now.getTime() + minutes * minute);
    const refused = refusal(until, stop);
    return { minutes, until, most: minutes === most, ...(refused === undefined ? {} : { refused }) };
  });
};
