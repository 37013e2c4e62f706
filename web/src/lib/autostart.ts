import { type Weekday, weekdays } from '../../../contracts/weekdays.ts';
import { type Locale, when } from './format.ts';

/** `Starts tomorrow at 08:30.` */
export const startSentence = (next: string, now: Date, locale: Locale = {}): string => {
  const at = new Date(next);
  return at <= now ? 'Starting now.' : `Starts ${when(at, now, locale)}.`;
};

/** `Mon`, or `Monday`. */
export const dayName = (day: Weekday, weekday: 'short' | 'long', { language }: Locale = {}): string =>
  // The first of January 2024 was a Monday.
  new Intl.DateTimeFormat(language, { weekday, timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + weekdays.indexOf(day)));

/** `Mon–Fri`, `Mon, Wed`, `Every day`. */
export const daysWords = (days: readonly Weekday[], locale: Locale = {}): string => {
  if (days.length === weekdays.length) return 'Every day';
  const name = (day: Weekday | undefined) => (day === undefined ? '' : dayName(day, 'short', locale));
  const [first, last] = [days[0], days.at(-1)];
  const isRange =
    first !== undefined && last !== undefined && weekdays.indexOf(last) - weekdays.indexOf(first) === days.length - 1;
  return isRange && days.length > 2 ? `${name(first)}–${name(last)}` : days.map(name).join(', ');
};

export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Every zone that the browser lists, UTC, which it does not, and those given. */
export const timeZones = (...given: readonly string[]): string[] =>
  [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ...given])].sort();
