import { createHash } from 'node:crypto';
import type { Actor } from '../actor.ts';
import { chainStart, recordActs } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { toItem } from '../item.ts';
import { type Change, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { parseTemplate } from './parse.ts';
import { type TemplateRecord, templateItem, type VersionRecord, versionKey } from './record.ts';
import { loadTemplate } from './store.ts';

export interface TemplateFolder {
  /** Text of `template.yaml`. */
  yaml: string;
  readme?: string | undefined;
  /** For messages: where the file is. */
  source: string;
  /** The name that the file must have; any, when left out. */
  name?: string;
}

export interface Published {
  name: string;
  version: number;
  /** False: the latest version has the same content already, and nothing was changed. */
  published: boolean;
}

/** Enough for everybody who publishes one template at once. */
const attempts = 12;

/**
 * Makes a new immutable version of a template, unless its latest is the same; decided anew when another was quicker.
 * Who may do it is asked before (`pushTemplate`). `invalid_template` for a file that is wrong.
 */
export const publishTemplate = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  actor: Actor,
  folder: TemplateFolder,
): Promise<Published> => {
  const file = parseTemplate(folder.yaml, folder.source, folder.name);
  const digest = digestOf(folder);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const before = await loadTemplate(table, file.name);
    if (before?.latestDigest === digest) return { name: file.name, version: before.latestVersion, published: false };
    const version = (before?.latestVersion ?? 0) + 1;
    try {
      await table.write(versionChanges({ file, readme: folder.readme, digest, version }, before, actor, clock()));
      return { name: file.name, version, published: true };
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
    }
  }
  throw new BerthError('conflict', `The template ${file.name} is being published by too many at once. Try again.`);
};

const digestOf = ({ yaml, readme }: TemplateFolder): string =>
  createHash('sha256')
    .update(JSON.stringify([yaml, readme ?? '']))
    .digest('hex');

const versionChanges = (
  { file, readme, digest, version }: Pick<VersionRecord, 'file' | 'readme' | 'digest' | 'version'>,
  before: TemplateRecord | undefined,
  actor: Actor,
  now: Date,
): Change[] => {
  const record: VersionRecord = {
    template: file.name,
    version,
    file,
    readme,
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
  const asItWas =
    before === undefined ? { absent: true as const } : { equals: { latestVersion: before.latestVersion } };
  return [
    { put: templateItem(template), when: asItWas },
    { put: toItem(versionKey(file.name, version), record), when: { absent: true } },
    ...audit.changes,
  ];
};
