import * as z from 'zod';

/**
 * Whether the platform knows a time zone by this name. `Intl.supportedValuesOf('timeZone')` would not do: it lists one
 * name of each zone, and neither UTC, Asia/Kolkata nor Europe/Kyiv.
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

/** A name of the IANA database. Offsets like `+02:00` are none: they know nothing of summer time. */
export const TimeZone = z
  .string()
  .max(60)
  .regex(/^[A-Za-z]/, 'A time zone is a name such as Europe/Berlin or UTC')
  .refine(isTimeZone, 'There is no such time zone; write one such as Europe/Berlin or UTC');
