import type { Person } from '../../actor.ts';
import type { NewAuditEvent } from '../../audit/audit-events.ts';
import { instant } from '../../instant.ts';
import type { Rules } from '../../rules.ts';
import { activeVersionOf, fieldsOf, type TemplateRecord } from '../template-record.ts';
import { findTemplate, findVersion } from '../template-store.ts';
import { requirePublisher } from './publisher.ts';
import { templateChanges, updateTemplate } from './update-template.ts';

type TemplateRules = Pick<Rules, 'table' | 'clock'>;

/** Makes a version active, so that new workspaces use it: a newer one, or an older one to roll back. */
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
    const auditEvent = { action: 'template.promote' as const, actor: person, details: { version, from } };
    return { template: { ...template, ...fieldsOf(file), activeVersion: version }, auditEvent };
  });

/** Deprecates a template, so that it accepts no new workspaces, or undoes this. Existing workspaces are unaffected. */
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
    const auditEvent = { action: 'template.deprecate' as const, actor: person, details: { deprecated, message } };
    return { template: { ...template, deprecated: deprecated ? { since, message } : undefined }, auditEvent };
  });

/** A return value of `undefined` changes nothing. */
const changeTemplate = async (
  { table, clock }: TemplateRules,
  person: Person,
  name: string,
  decide: (template: TemplateRecord) => Promise<{ template: TemplateRecord; auditEvent: NewAuditEvent } | undefined>,
): Promise<TemplateRecord> => {
  requirePublisher(person, name);
  await findTemplate(table, person, name);
  return updateTemplate(table, name, async (before) => {
    if (before === undefined)
      throw new Error(`the template ${name} does not exist, although templates are never deleted`);
    const decided = await decide(before);
    if (decided === undefined) return { result: before, changes: [] };
    return {
      result: decided.template,
      changes: templateChanges(decided.template, before, decided.auditEvent, clock()),
    };
  });
};
