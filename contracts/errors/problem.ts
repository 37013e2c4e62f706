import * as z from 'zod';
import { errorCatalogue, type ErrorName as Name } from './error-names.ts';

export { errorCatalogue, problemType } from './error-names.ts';

export const ErrorName = z.enum(Object.keys(errorCatalogue) as [Name, ...Name[]]);
export type ErrorName = Name;

/** RFC 9457 problem details: the body of every error response (`application/problem+json`). */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'Stable per error: `https://berth.dev/errors/<name>`' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What failed, why, and what to do' }),
    field: z.string().optional().meta({ description: 'The offending field, as a path' }),
    errors: z
      .array(z.object({ field: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: 'All offending fields' }),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
