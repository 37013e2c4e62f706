import { mayUseTemplate, templateNotFound } from '../access/policy.ts';
import type { Actor } from '../actor.ts';
import { BerthError } from '../errors.ts';
import type { Page, Table } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import {
  type TemplateRecord,
  templateItems,
  templateKey,
  type VersionRecord,
  versionItems,
  versionKey,
  versionPrefix,
} from './template-record.ts';

export const loadTemplate = async (table: Table, name: string): Promise<TemplateRecord | undefined> => {
  const item = await table.get(templateKey(name));
  return item && templateItems.read(item);
};

/** A template the actor may use; `not_found` for any other. One get. */
export const findTemplate = async (table: Table, actor: Actor, name: string): Promise<TemplateRecord> => {
  const template = await loadTemplate(table, name);
  if (template === undefined) throw templateNotFound(name);
  if (!mayUseTemplate(actor, template)) throw templateNotFound(name, `template#${template.name}`);
  return template;
};

export const findVersion = async (table: Table, name: string, version: number): Promise<VersionRecord> => {
  const item = await table.get(versionKey(name, version));
  if (item === undefined) {
    throw new BerthError('not_found', `The template ${name} has no version ${version}.`, {
      field: 'version',
      remedy: 'Choose another version.',
    });
  }
  return versionItems.read(item);
};

export const listTemplates = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  actor: Actor,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: TemplateRecord[]; next?: string }> => {
  const found = await table.query({ pk: 'templates', index: 'list', ...pageOptions(page) });
  return paged(
    found,
    templateItems.readList(found.items, log).filter((template) => mayUseTemplate(actor, template)),
  );
};

/** Newest first. */
export const listVersions = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  name: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: VersionRecord[]; next?: string }> => {
  const found = await table.query({
    pk: templateKey(name).pk,
    prefix: versionPrefix,
    reverse: true,
    ...pageOptions(page),
  });
  return paged(found, versionItems.readList(found.items, log));
};

const pageOptions = ({ limit, cursor }: { limit: number; cursor?: string | undefined }) => ({
  limit,
  ...(cursor === undefined ? {} : { cursor }),
});

const paged = <T>({ next }: Page, items: T[]) => ({ items, ...(next === undefined ? {} : { next }) });
