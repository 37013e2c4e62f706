import * as z from 'zod';
import { TemplateName } from './names.ts';
import { Parameters } from './template.ts';

/** What is noticed in a template's file. An error keeps it from being published, a warning does not. */
export const TemplateProblem = z
  .object({
    level: z.enum(['error', 'warning']),
    line: z.int(),
    column: z.int(),
    field: z.string().meta({ description: 'As a path: `compute.spec.pool`; empty for the file as a whole' }),
    detail: z.string(),
  })
  .meta({ id: 'TemplateProblem' });
export type TemplateProblem = z.infer<typeof TemplateProblem>;

/** What a workspace of a template would be made of. */
export const TemplatePreview = z
  .object({
    template: TemplateName,
    version: z.int().optional().meta({ description: 'Absent for a file that is not published' }),
    kind: z.string().meta({ description: 'The kind of compute' }),
    parameters: Parameters.meta({ description: 'Given, else the defaults' }),
    resources: z.array(
      z.object({
        type: z.string(),
        name: z.string(),
        kept: z.boolean().meta({ description: 'Stays when the workspace stops' }),
      }),
    ),
    prices: z.object({ runningPerHour: z.number(), stoppedPerHour: z.number() }),
  })
  .meta({ id: 'TemplatePreview' });
export type TemplatePreview = z.infer<typeof TemplatePreview>;
