import { lintTemplate } from '../../core/templates/publishing/lint.ts';
import { previewTemplate } from '../../core/templates/publishing/preview.ts';
import { pushTemplate } from '../../core/templates/publishing/publish.ts';
import type { Handlers } from './envelope.ts';

/** The routes that validate a template's file against the installed compute kinds. */
export const templateFileHandlers: Handlers<'publishTemplate' | 'lintTemplate' | 'previewTemplate'> = {
  publishTemplate: async ({ runtime, person, params, body }) => {
    const { name, ...published } = await pushTemplate(runtime.rules, runtime.compute, person, params.template, body);
    return { template: name, ...published };
  },
  lintTemplate: async ({ runtime, person, params, body }) => {
    const problems = await lintTemplate(runtime.compute, person, params.template, body);
    return { ok: problems.every(({ level }) => level !== 'error'), problems };
  },
  previewTemplate: ({ runtime, person, params, body }) =>
    previewTemplate(runtime.rules.table, runtime.compute, person, params.template, body),
};
