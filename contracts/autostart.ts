import * as z from 'zod';
import { TimeZone } from './time-zone.ts';
import { weekdays } from './weekdays.ts';

/** When a workspace starts by itself: on these days of the week, at this time on the clocks of a time zone. */
export const Autostart = z
  .strictObject({
    days: z
      .array(z.enum(weekdays))
      .min(1, 'Autostart needs a day at least')
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'A day is named twice'),
    at: z
      .string()
      .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'A time is HH:MM, from 00:00 to 23:59')
      .meta({ description: 'HH:MM' }),
    timeZone: TimeZone.meta({ description: 'IANA name: Europe/Berlin' }),
  })
  .meta({ id: 'Autostart' });
export type Autostart = z.infer<typeof Autostart>;
