import * as z from 'zod';
import { durationMs } from './duration.ts';

/** An instant: ISO 8601 in UTC with milliseconds, so that instants sort as text. */
export const Instant = z.iso.datetime({ precision: 3 });

/** `90s`, `15m`, `2h`, `7d`: always with a unit. */
export const Duration = z
  .string()
  .regex(/^[1-9][0-9]{0,5}(s|m|h|d)$/, 'A duration is a whole number and its unit: 90s, 15m, 2h or 7d')
  .meta({ id: 'Duration', examples: ['90s', '15m', '2h', '7d'] });

/** A duration of at most `longest`. The message gives `why`. */
export const durationUpTo = (longest: string, why: string) =>
  Duration.refine((duration) => !(durationMs(duration) > durationMs(longest)), `must be at most ${longest}: ${why}`);

/**
 * Whether the platform knows the time zone. `Intl.supportedValuesOf('timeZone')` lists only one name per zone, without
 * UTC, Asia/Kolkata and Europe/Kyiv.
 */
export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

/** A name of the IANA database. Offsets such as `+02:00` are refused: they have no daylight saving time. */
export const TimeZone = z
  .string()
  .max(60)
  .regex(/^[A-Za-z]/, 'A time zone is a name such as Europe/Berlin or UTC')
  .refine(isTimeZone, 'Unknown time zone; use a name such as Europe/Berlin or UTC');
