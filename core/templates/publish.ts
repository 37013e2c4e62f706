import { createHash } from 'node:crypto';
import type { Actor } from '../actor.ts';
import { chainStart } from '../audit.ts';
import { instant } from '../instant.ts';
import { toItem } from '../item.ts';
import type { Change } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { type Check, parseTemplate } from './parse.ts';
import { activeVersionOf, fieldsOf, type TemplateRecord, type VersionRecord, versionKey } from './record.ts';
import { sourceChange } from './source.ts';
import { templateChanges, untilWritten } from './write.ts';

export interface TemplateFolder {
  /** Text of `template.yaml`. */
  yaml: string;
  readme?: string | undefined;
  /** For messages: where the file is. */
  source: string;
  /** The name that the file must have; any, when left out. */
  name?: string;
  /** Becomes the active version, too; the first version of a template always does. */
  promote?: boolean;
}

export interface Published {
  name: string;
  version: number;
  /** False: the latest version has the same content already, and nothing was changed. */
  published: boolean;
  activeVersion: number;
}

/**
 * Makes a new immutable version of a template, unless its latest is the same; decided anew when another was quicker.
 * Who may do it is asked before (`pushTemplate`). `invalid_template` for a file that is wrong, or that `check` finds so.
 */
export const publishTemplate = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  actor: Actor,
  folder: TemplateFolder,
  check?: Check,
): Promise<Published> => {
  const file = parseTemplate(folder.yaml, folder.source, folder.name, check);
  const digest = digestOf(folder);
  return untilWritten(table, file.name, async (before) => {
    if (before?.latestDigest === digest) return { answer: publishedOf(before, false), changes: [] };
    const version = (before?.latestVersion ?? 0) + 1;
    const record = { file, readme: folder.readme, digest, version };
    const { template, changes } = versionChanges(record, before, folder.promote !== false, actor, clock());
    const source = { template: file.name, version, file: folder.yaml, readme: folder.readme };
    return { answer: publishedOf(template, true), changes: [...changes, sourceChange(source)] };
  });
};

const publishedOf = (template: TemplateRecord, published: boolean): Published => ({
  name: template.name,
  version: template.latestVersion,
  published,
  activeVersion: activeVersionOf(template),
});

const digestOf = ({ yaml, readme }: TemplateFolder): string =>
  createHash('sha256')
    .update(JSON.stringify([yaml, readme ?? '']))
    .digest('hex');

const versionChanges = (
  { file, readme, digest, version }: Pick<VersionRecord, 'file' | 'readme' | 'digest' | 'version'>,
  before: TemplateRecord | undefined,
  promote: boolean,
  actor: Actor,
  now: Date,
): { template: TemplateRecord; changes: Change[] } => {
  const createdBy = actor === 'system' ? undefined : actor.name;
  const record: VersionRecord = {
    template: file.name,
    version,
    file,
    readme,
    digest,
    createdAt: instant(now),
    createdBy,
  };
  const kept = promote ? undefined : before;
  const template: TemplateRecord = {
    name: file.name,
    ...(kept ?? fieldsOf(file)),
    latestVersion: version,
    latestDigest: digest,
    activeVersion: kept === undefined ? version : activeVersionOf(kept),
    deprecated: before?.deprecated,
    audit: before?.audit ?? chainStart,
  };
  const details = { version, digest, promoted: kept === undefined };
  const act = { action: 'template.publish' as const, actor, details };
  const written = templateChanges(template, before, act, now);
  return {
    template,
    changes: [...written, { put: toItem(versionKey(file.name, version), record), when: { absent: true } }],
  };
};
