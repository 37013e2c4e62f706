import * as z from 'zod';
import { TemplateName } from '../values/names.ts';
import { Instant } from '../values/time.ts';
import { Parameter, ParameterName, Parameters } from './parameters.ts';
import { App, Prices, StopPolicy } from './template-file.ts';

/** A finding in a template file. An error prevents publishing, a warning does not. */
export const TemplateProblem = z
  .object({
    level: z.enum(['error', 'warning']),
    line: z.int(),
    column: z.int(),
    field: z.string().meta({ description: 'A path, for example `compute.spec.pool`; empty for the whole file' }),
    detail: z.string(),
  })
  .meta({ id: 'TemplateProblem' });
export type TemplateProblem = z.infer<typeof TemplateProblem>;

/** What a workspace of a template would consist of. */
export const TemplatePreview = z
  .object({
    template: TemplateName,
    version: z.int().optional().meta({ description: 'Absent for an unpublished file' }),
    kind: z.string().meta({ description: 'The kind of compute' }),
    parameters: Parameters.meta({ description: 'The given values, with defaults for the others' }),
    assumed: z
      .array(ParameterName)
      .meta({ description: 'Parameters without a default or a value: the preview uses an example for each' }),
    resources: z.array(
      z.object({
        type: z.string(),
        name: z.string(),
        kept: z.boolean().meta({ description: 'Kept when the workspace stops' }),
      }),
    ),
    prices: Prices,
  })
  .meta({ id: 'TemplatePreview' });
export type TemplatePreview = z.infer<typeof TemplatePreview>;

export const Template = z
  .object({
    name: TemplateName,
    displayName: z.string(),
    description: z.string(),
    icon: z.string(),
    latestVersion: z.int(),
    activeVersion: z.int().meta({ description: 'Used for new workspaces and offered to existing ones' }),
    prices: Prices.optional().meta({
      description: 'With the default parameters; absent for templates published before prices existed',
    }),
    deprecated: z
      .object({ since: Instant, message: z.string() })
      .optional()
      .meta({ description: 'Takes no new workspaces; existing ones keep running' }),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof Template>;

export const TemplateVersion = z
  .object({
    template: TemplateName,
    version: z.int(),
    createdAt: Instant,
    createdBy: z.string().optional(),
    parameters: z.array(Parameter),
    apps: z.array(App),
    stop: StopPolicy,
    compute: z.object({ kind: z.string() }),
    readme: z.string().optional(),
    digest: z.string().meta({ description: 'SHA-256 of the template folder' }),
  })
  .meta({ id: 'TemplateVersion' });
export type TemplateVersion = z.infer<typeof TemplateVersion>;
