import type { Person } from '../actor.ts';
import type { Act } from '../audit.ts';
import { instant } from '../instant.ts';
import type { Rules } from '../rules.ts';
import { requirePublisher } from './publisher.ts';
import { activeVersionOf, fieldsOf, type TemplateRecord } from './record.ts';
import { findTemplate, findVersion } from './store.ts';
import { templateChanges, untilWritten } from './write.ts';

type TemplateRules = Pick<Rules, 'table' | 'clock'>;

/** Makes a version the one that new workspaces get: a newer one, or an older one to roll back. */
export const promoteTemplate = async (
  rules: TemplateRules,
  person: Person,
  name: string,
  version: number,
): Promise<TemplateRecord> =>
  changeTemplate(rules, person, name, async (template) => {
    const from = activeVersionOf(template);
    const { file } = await findVersion(rules.table, template.name, version);
    if (from === version) return undefined;
    const act = { action: 'template.promote' as const, actor: person, details: { version, from } };
    return { template: { ...template, ...fieldsOf(file), activeVersion: version }, act };
  });

/** Says that a template takes no new workspaces any more, or takes them again. Those that there are run on. */
export const deprecateTemplate = async (
  rules: TemplateRules,
  person: Person,
  name: string,
  { deprecated, message }: { deprecated: boolean; message: string },
): Promise<TemplateRecord> =>
  changeTemplate(rules, person, name, async (template) => {
    const before = template.deprecated;
    if (deprecated ? before?.message === message : before === undefined) return undefined;
    const since = before?.since ?? instant(rules.clock());
    const act = { action: 'template.deprecate' as const, actor: person, details: { deprecated, message } };
    return { template: { ...template, deprecated: deprecated ? { since, message } : undefined }, act };
  });

/** `undefined` changes nothing. */
const changeTemplate = async (
  { table, clock }: TemplateRules,
  person: Person,
  name: string,
  decide: (template: TemplateRecord) => Promise<{ template: TemplateRecord; act: Act } | undefined>,
): Promise<TemplateRecord> => {
  await requirePublisher(table, person, name);
  await findTemplate(table, person, name);
  return untilWritten(table, name, async (before) => {
    if (before === undefined) throw new Error(`the template ${name} is gone, though nothing takes templates away`);
    const decided = await decide(before);
    if (decided === undefined) return { answer: before, changes: [] };
    return { answer: decided.template, changes: templateChanges(decided.template, before, decided.act, clock()) };
  });
};
