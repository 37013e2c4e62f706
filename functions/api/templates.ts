import { deprecateTemplate, promoteTemplate } from '../../core/templates/publishing/promote.ts';
import { templateSource } from '../../core/templates/publishing/source.ts';
import { activeVersionOf, templateView, versionView } from '../../core/templates/template-record.ts';
import { findTemplate, findVersion, listTemplates, listVersions } from '../../core/templates/template-store.ts';
import type { Handlers } from './envelope.ts';

export const templateHandlers: Handlers<
  | 'listTemplates'
  | 'getTemplate'
  | 'listTemplateVersions'
  | 'getTemplateVersion'
  | 'getTemplateSource'
  | 'promoteTemplate'
  | 'deprecateTemplate'
> = {
  listTemplates: async ({ runtime, person, query }) => {
    const page = await listTemplates(runtime.rules, person, query);
    return { ...page, items: page.items.map(templateView) };
  },
  getTemplate: async ({ runtime, person, params }) => {
    const template = await findTemplate(runtime.rules.table, person, params.template);
    const active = await findVersion(runtime.rules.table, template.name, activeVersionOf(template));
    return { ...templateView(template), active: versionView(active) };
  },
  listTemplateVersions: async ({ runtime, person, params, query }) => {
    const template = await findTemplate(runtime.rules.table, person, params.template);
    const page = await listVersions(runtime.rules, template.name, query);
    return { ...page, items: page.items.map(versionView) };
  },
  getTemplateVersion: async ({ runtime, person, params }) => {
    const template = await findTemplate(runtime.rules.table, person, params.template);
    return versionView(await findVersion(runtime.rules.table, template.name, params.version));
  },
  getTemplateSource: ({ runtime, person, params }) => templateSource(runtime.rules.table, person, params.template),
  promoteTemplate: async ({ runtime, person, params, body }) =>
    templateView(await promoteTemplate(runtime.rules, person, params.template, body.version)),
  deprecateTemplate: async ({ runtime, person, params, body }) =>
    templateView(await deprecateTemplate(runtime.rules, person, params.template, body)),
};
