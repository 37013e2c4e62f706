import { sortedDays, type Weekday, weekdays } from '../../contracts/values/weekdays.ts';
import { usageError } from '../io/errors.ts';

const invalidDays = (text: string) =>
  usageError(`Invalid days "${text}". Use for example mon-fri or mon,wed,sat; the days are ${weekdays.join(', ')}.`);

const names: readonly string[] = weekdays;

/** One day, or the days of a range, which may wrap around the end of the week. */
const rangeOf = (part: string, text: string): Weekday[] => {
  const [first = '', last = first, ...more] = part.split('-');
  if (!names.includes(first) || !names.includes(last) || more.length > 0) throw invalidDays(text);
  const length = ((names.indexOf(last) - names.indexOf(first) + 7) % 7) + 1;
  return [...weekdays, ...weekdays].slice(names.indexOf(first), names.indexOf(first) + length);
};

/** Parses `mon-fri`, `mon,wed,sat` or `sat-mon,wed`, and returns the days in the order of the week. */
export const parseDays = (text: string): Weekday[] =>
  sortedDays(
    text
      .toLowerCase()
      .split(',')
      .flatMap((part) => rangeOf(part.trim(), text)),
  );

/** Formats three or more consecutive days as a range, and others as a list: `mon-fri`, `mon,wed,sat`. */
export const daysText = (days: readonly Weekday[]): string => {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined || days.length < 3) return days.join(',');
  const isRange = weekdays.indexOf(last) - weekdays.indexOf(first) === days.length - 1;
  return isRange ? `${first}-${last}` : days.join(',');
};
