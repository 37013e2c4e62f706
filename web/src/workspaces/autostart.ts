import { type Weekday, weekdays } from '../../../contracts/values/weekdays.ts';
import { formatWhen, type Locale } from '../lib/format.ts';

/** `Starts tomorrow at 08:30.` */
export const startSentence = (next: string, now: Date, locale: Locale = {}): string => {
  const at = new Date(next);
  return at <= now ? 'Starting now.' : `Starts ${formatWhen(at, now, locale)}.`;
};

/** `Mon`, or `Monday`. */
export const dayName = (day: Weekday, weekday: 'short' | 'long', { language }: Locale = {}): string =>
  // The first of January 2024 was a Monday.
  new Intl.DateTimeFormat(language, { weekday, timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + weekdays.indexOf(day)));

/** `Mon–Fri`, `Mon, Wed`, `Every day`. */
export const formatDays = (days: readonly Weekday[], locale: Locale = {}): string => {
  if (days.length === weekdays.length) return 'Every day';
  const name = (day: Weekday | undefined) => (day === undefined ? '' : dayName(day, 'short', locale));
  const [first, last] = [days[0], days.at(-1)];
  const isRange =
    first !== undefined && last !== undefined && weekdays.indexOf(last) - weekdays.indexOf(first) === days.length - 1;
  return isRange && days.length > 2 ? `${name(first)}–${name(last)}` : days.map(name).join(', ');
};

export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All time zones: those the browser lists, UTC (which it does not list), and `given`. */
export const timeZones = (...given: readonly string[]): string[] =>
  [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ...given])].sort();
