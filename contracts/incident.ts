import * as z from 'zod';
import { Instant } from './values/time.ts';

/**
 * A problem of a local Berth. On AWS there are alarms instead. Clients know the schema by its first name, `Trouble`.
 */
export const Incident = z
  .object({
    level: z
      .enum(['warn', 'fail'])
      .meta({ description: '`fail`: a current problem; `warn`: a past one with consequences' }),
    since: Instant,
    what: z.string().meta({ description: 'A sentence' }),
    todo: z.string().meta({ description: 'What to do, as a sentence' }),
  })
  .meta({ id: 'Trouble' });
export type Incident = z.infer<typeof Incident>;
