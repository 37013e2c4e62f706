import { createHash } from 'node:crypto';
import type { Actor } from '../actor.ts';
import { chainStart, recordActs } from '../audit.ts';
import { instant } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import type { Rules } from '../rules.ts';
import { parseTemplate } from './parse.ts';
import { type TemplateRecord, templateItem, templateKey, type VersionRecord, versionKey } from './record.ts';

export interface TemplateFolder {
  /** Text of `template.yaml`. */
  yaml: string;
  readme?: string | undefined;
  /** For messages: where the file is. */
  source: string;
}

/** Makes a new immutable version of a template, unless its latest is the same. Returns the version. */
export const publishTemplate = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  actor: Actor,
  folder: TemplateFolder,
): Promise<{ name: string; version: number; published: boolean }> => {
  const file = parseTemplate(folder.yaml, folder.source);
  const digest = createHash('sha256')
    .update(JSON.stringify([folder.yaml, folder.readme ?? '']))
    .digest('hex');
  const item = await table.get(templateKey(file.name));
  const before = item && fromItem<TemplateRecord>(item);
  if (before?.latestDigest === digest) return { name: file.name, version: before.latestVersion, published: false };

  const version = (before?.latestVersion ?? 0) + 1;
  const now = clock();
  const record: VersionRecord = {
    template: file.name,
    version,
    file,
    readme: folder.readme,
    digest,
    createdAt: instant(now),
    createdBy: actor === 'system' ? undefined : actor.name,
  };
  const act = { action: 'template.publish' as const, actor, details: { version, digest } };
  const audit = recordActs(`template#${file.name}`, before?.audit ?? chainStart, [act], now);
  const template: TemplateRecord = {
    name: file.name,
    displayName: file.displayName ?? file.name,
    description: file.description,
    icon: file.icon,
    groups: file.groups,
    latestVersion: version,
    latestDigest: digest,
    audit: audit.head,
  };
  const expected =
    before === undefined ? { absent: true as const } : { equals: { latestVersion: before.latestVersion } };
  await table.write([
    { put: templateItem(template), when: expected },
    { put: toItem(versionKey(file.name, version), record), when: { absent: true } },
    ...audit.changes,
  ]);
  return { name: file.name, version, published: true };
};
