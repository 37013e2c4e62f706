import type { Person } from '../../actor.ts';
import { BerthError } from '../../errors.ts';
import type { Change, Table } from '../../ports/table.ts';
import { padded } from '../../table/item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { templateKey } from '../template-record.ts';
import { findTemplate } from '../template-store.ts';
import { requirePublisher } from './publisher.ts';

/** A version's exact source, with comments. Stored separately, because each start reads the version. */
interface TemplateSource {
  template: string;
  version: number;
  file: string;
  readme?: string | undefined;
}

export const sourceItems = new ItemKind<TemplateSource>('template source', {
  template: 'string',
  version: 'number',
  file: 'string',
});

const sourceKey = (name: string, version: number) => ({
  pk: templateKey(name).pk,
  sk: `source#${padded(version)}`,
});

export const sourceChange = (source: TemplateSource): Change => ({
  put: sourceItems.item(sourceKey(source.template, source.version), source),
  when: { absent: true },
});

const view = ({ template, version, file, readme }: TemplateSource): TemplateSource => ({
  template,
  version,
  file,
  ...(readme === undefined ? {} : { readme }),
});

/** Returns the newest version's source to publishers; `not_found` if the version predates stored sources. */
export const templateSource = async (table: Table, person: Person, name: string): Promise<TemplateSource> => {
  requirePublisher(person, name);
  const { latestVersion } = await findTemplate(table, person, name);
  const item = await table.get(sourceKey(name, latestVersion));
  if (item !== undefined) return view(sourceItems.read(item));
  throw new BerthError(
    'not_found',
    `The text of version ${latestVersion} of ${name} was not stored. Publish it again from its folder.`,
    { field: 'version' },
  );
};
