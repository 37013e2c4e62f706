import * as z from 'zod';
import { Parameters } from '../templates/parameters.ts';
import { Template, TemplatePreview, TemplateProblem, TemplateVersion } from '../templates/template.ts';
import { templateLimits } from '../templates/template-file.ts';
import { TemplateName } from '../values/names.ts';
import { inTemplate, page, pageOf, type Route } from './route.ts';

/** The table's item limit is in bytes, so the limit is counted in bytes, not characters. */
const textUpTo = (bytes: number) => {
  const error = `is larger than ${bytes / 1024} KB`;
  return z
    .string()
    .max(bytes, { error, abort: true })
    .refine((text) => new TextEncoder().encode(text).length <= bytes, error);
};

const PublishTemplate = z
  .strictObject({
    file: textUpTo(templateLimits.file).meta({ description: 'Text of template.yaml, at most 128 KB' }),
    readme: textUpTo(templateLimits.readme).optional().meta({ description: 'Text of README.md, at most 64 KB' }),
    promote: z
      .boolean()
      .default(true)
      .meta({ description: 'Make it the active version. The first version of a template always becomes active' }),
  })
  .meta({ id: 'PublishTemplate' });
const templateFile = PublishTemplate.omit({ promote: true });

export const templateRoutes = {
  listTemplates: {
    method: 'GET',
    path: '/api/templates',
    summary: 'List the templates that you may use',
    access: 'signed-in',
    query: z.strictObject(page),
    status: 200,
    response: pageOf(Template),
  },
  getTemplate: {
    method: 'GET',
    path: '/api/templates/{template}',
    summary: 'Get a template with its active version',
    access: 'signed-in',
    params: inTemplate,
    status: 200,
    response: Template.extend({ active: TemplateVersion }),
  },
  listTemplateVersions: {
    method: 'GET',
    path: '/api/templates/{template}/versions',
    summary: 'List the versions of a template, newest first',
    access: 'signed-in',
    params: inTemplate,
    query: z.strictObject(page),
    status: 200,
    response: pageOf(TemplateVersion),
  },
  publishTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/versions',
    summary: 'Publish a new template, or a new version of one. For admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: PublishTemplate,
    status: 200,
    response: z.object({
      template: TemplateName,
      version: z.int(),
      published: z.boolean().meta({ description: 'False: the latest version is identical, and nothing was changed' }),
      activeVersion: z.int(),
    }),
  },
  lintTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/lint',
    summary: 'Check a template file without publishing it. For admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: templateFile,
    status: 200,
    response: z.object({
      ok: z.boolean().meta({ description: 'Whether the file can be published' }),
      problems: z.array(TemplateProblem),
    }),
  },
  previewTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/preview',
    summary: 'Preview what a workspace would create and cost. A `file` needs the permission to publish',
    access: 'signed-in',
    params: inTemplate,
    body: z.strictObject({
      file: templateFile.shape.file.optional(),
      version: z.int().min(1).optional().meta({ description: 'Default: the active version' }),
      parameters: Parameters.default({}),
    }),
    status: 200,
    response: TemplatePreview,
  },
  promoteTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/promote',
    summary: 'Make a version the active one, newer or older. For admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: z.strictObject({ version: z.int().min(1) }),
    status: 200,
    response: Template,
  },
  deprecateTemplate: {
    method: 'POST',
    path: '/api/templates/{template}/deprecate',
    summary:
      'Deprecate a template, or undo it. A deprecated template takes no new workspaces; existing ones keep running. For admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    body: z.strictObject({
      deprecated: z.boolean().default(true),
      message: z.string().trim().max(300).default('').meta({ description: 'Why, and what to use instead' }),
    }),
    status: 200,
    response: Template,
  },
  getTemplateSource: {
    method: 'GET',
    path: '/api/templates/{template}/source',
    summary: 'Get the text that the newest version was published from. For admins and template admins',
    access: 'signed-in',
    params: inTemplate,
    status: 200,
    response: z.object({
      template: TemplateName,
      version: z.int(),
      file: z.string(),
      readme: z.string().optional(),
    }),
  },
  getTemplateVersion: {
    method: 'GET',
    path: '/api/templates/{template}/versions/{version}',
    summary: 'Get one version of a template',
    access: 'signed-in',
    params: inTemplate.extend({ version: z.coerce.number().int().min(1) }),
    status: 200,
    response: TemplateVersion,
  },
} as const satisfies Record<string, Route>;
