import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { fromItem, padded, toItem } from '../item.ts';
import type { Change, Table } from '../ports.ts';
import { requirePublisher } from './publisher.ts';
import { templateKey } from './record.ts';
import { findTemplate } from './store.ts';

/** What a version was published from, letter by letter, comments included. Apart from the version, which is read at each start. */
export interface TemplateSource {
  template: string;
  version: number;
  file: string;
  readme?: string | undefined;
}

const sourceKey = (name: string, version: number) => ({
  pk: templateKey(name).pk,
  sk: `source#${padded(version)}`,
});

export const sourceChange = (source: TemplateSource): Change => ({
  put: toItem(sourceKey(source.template, source.version), source),
  when: { absent: true },
});

const view = ({ template, version, file, readme }: TemplateSource): TemplateSource => ({
  template,
  version,
  file,
  ...(readme === undefined ? {} : { readme }),
});

/** The source of the newest version, for those who may publish; `not_found` for one from before sources were kept. */
export const templateSource = async (table: Table, person: Person, name: string): Promise<TemplateSource> => {
  await requirePublisher(table, person, name);
  const { latestVersion } = await findTemplate(table, person, name);
  const item = await table.get(sourceKey(name, latestVersion));
  if (item !== undefined) return view(fromItem<TemplateSource>(item));
  throw new BerthError(
    'not_found',
    `The text of version ${latestVersion} of ${name} was not kept. Publish it once more from its folder.`,
    { field: 'version' },
  );
};
