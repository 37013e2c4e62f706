import { mayUseTemplate, noTemplate } from '../access.ts';
import type { Actor } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { fromItem } from '../item.ts';
import type { Page, Table } from '../ports.ts';
import { type TemplateRecord, templateKey, type VersionRecord, versionKey, versionPrefix } from './record.ts';

export const loadTemplate = async (table: Table, name: string): Promise<TemplateRecord | undefined> => {
  const item = await table.get(templateKey(name));
  return item && fromItem<TemplateRecord>(item);
};

/** A template the actor may use; `not_found` for any other. One get. */
export const findTemplate = async (table: Table, actor: Actor, name: string): Promise<TemplateRecord> => {
  const template = await loadTemplate(table, name);
  if (template === undefined) throw noTemplate(name);
  if (!mayUseTemplate(actor, template)) throw noTemplate(name, `template#${template.name}`);
  return template;
};

export const findVersion = async (table: Table, name: string, version: number): Promise<VersionRecord> => {
  const item = await table.get(versionKey(name, version));
  if (item === undefined) {
    throw new BerthError('not_found', `The template ${name} has no version ${version}. Choose another version.`, {
      field: 'version',
    });
  }
  return fromItem<VersionRecord>(item);
};

export const listTemplates = async (
  table: Table,
  actor: Actor,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: TemplateRecord[]; next?: string }> => {
  const found = await table.query({ pk: 'templates', index: 'list', ...compact(page) });
  return paged(found, (template: TemplateRecord) => mayUseTemplate(actor, template));
};

/** Newest first. */
export const listVersions = async (
  table: Table,
  name: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: VersionRecord[]; next?: string }> => {
  const found = await table.query({
    pk: templateKey(name).pk,
    prefix: versionPrefix,
    reverse: true,
    ...compact(page),
  });
  return paged(found, () => true);
};

const compact = ({ limit, cursor }: { limit: number; cursor?: string | undefined }) => ({
  limit,
  ...(cursor === undefined ? {} : { cursor }),
});

const paged = <T>({ items, next }: Page, wanted: (record: T) => boolean) => ({
  items: items.map((item) => fromItem<T>(item)).filter(wanted),
  ...(next === undefined ? {} : { next }),
});
