import * as z from 'zod';
import { TimeZone } from '../values/time.ts';
import { weekdays } from '../values/weekdays.ts';

/** When a workspace starts automatically: days of the week and a local time in a time zone. */
export const Autostart = z
  .strictObject({
    days: z
      .array(z.enum(weekdays))
      .min(1, 'Autostart needs at least one day')
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'A day is listed twice'),
    at: z
      .string()
      .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'A time is HH:MM, from 00:00 to 23:59')
      .meta({ description: 'HH:MM' }),
    timeZone: TimeZone.meta({ description: 'IANA name, for example Europe/Berlin' }),
  })
  .meta({ id: 'Autostart' });
export type Autostart = z.infer<typeof Autostart>;

/** EventBridge Scheduler's flexible time window: on AWS a schedule fires within these minutes after its time. */
export const autostartWindowMinutes = 5;
