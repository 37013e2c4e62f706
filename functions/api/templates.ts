import { pushTemplate } from '../../core/templates/push.ts';
import { templateView, versionView } from '../../core/templates/record.ts';
import { findTemplate, findVersion, listTemplates, listVersions } from '../../core/templates/store.ts';
import type { Handlers } from './envelope.ts';

export const templateHandlers: Handlers<
  'listTemplates' | 'getTemplate' | 'listTemplateVersions' | 'publishTemplate' | 'getTemplateVersion'
> = {
  listTemplates: async ({ runtime, person, query }) => {
    const page = await listTemplates(runtime.rules.table, person, query);
    return { ...page, items: page.items.map(templateView) };
  },
  getTemplate: async ({ runtime, person, params }) => {
    const template = await findTemplate(runtime.rules.table, person, params.template);
    const latest = await findVersion(runtime.rules.table, template.name, template.latestVersion);
    return { ...templateView(template), latest: versionView(latest) };
  },
  listTemplateVersions: async ({ runtime, person, params, query }) => {
    const template = await findTemplate(runtime.rules.table, person, params.template);
    const page = await listVersions(runtime.rules.table, template.name, query);
    return { ...page, items: page.items.map(versionView) };
  },
  publishTemplate: async ({ runtime, person, params, body }) => {
    const { name, version, published } = await pushTemplate(runtime.rules, person, params.template, body);
    return { template: name, version, published };
  },
  getTemplateVersion: async ({ runtime, person, params }) => {
    const template = await findTemplate(runtime.rules.table, person, params.template);
    return versionView(await findVersion(runtime.rules.table, template.name, params.version));
  },
};
