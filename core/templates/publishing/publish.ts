import { createHash } from 'node:crypto';
import type { Actor, Person } from '../../actor.ts';
import { chainStart } from '../../audit/audit-events.ts';
import { instant } from '../../instant.ts';
import type { TemplateKinds } from '../../ports/compute-kind.ts';
import type { Change } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { computeProblems } from '../evaluation/compute-problems.ts';
import { parseTemplate, type TemplateCheck } from '../file/parse.ts';
import {
  activeVersionOf,
  fieldsOf,
  type TemplateRecord,
  type VersionRecord,
  versionItems,
  versionKey,
} from '../template-record.ts';
import { requirePublisher } from './publisher.ts';
import { sourceChange } from './source.ts';
import { templateChanges, updateTemplate } from './update-template.ts';

export interface TemplateFolder {
  /** Text of `template.yaml`. */
  yaml: string;
  readme?: string | undefined;
  /** The file's path, for messages. */
  source: string;
  /** The name that the file must have. Default: any. */
  name?: string;
  /** Also makes the version active; a template's first version always becomes active. */
  promote?: boolean;
}

export interface Published {
  name: string;
  version: number;
  /** False if the latest version has the same content, so that nothing changed. */
  published: boolean;
  activeVersion: number;
}

/**
 * Creates an immutable version of a template, unless the latest one has the same content; on a conflict the change is
 * decided again. The caller checks the permission (`pushTemplate`). Throws `invalid_template` if the file or `check`
 * has problems.
 */
export const publishTemplate = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  actor: Actor,
  folder: TemplateFolder,
  check?: TemplateCheck,
): Promise<Published> => {
  const file = parseTemplate(folder.yaml, folder.source, folder.name, check);
  const digest = digestOf(folder);
  return updateTemplate(table, file.name, async (before) => {
    if (before?.latestDigest === digest) return { result: publishedOf(before, false), changes: [] };
    const version = (before?.latestVersion ?? 0) + 1;
    const record = { file, readme: folder.readme, digest, version };
    const { template, changes } = versionChanges(record, before, folder.promote !== false, actor, clock());
    const source = { template: file.name, version, file: folder.yaml, readme: folder.readme };
    return { result: publishedOf(template, true), changes: [...changes, sourceChange(source)] };
  });
};

/** Publishes a person's file as the template `name` after checking permission, file and `compute.spec`. */
export const pushTemplate = async (
  rules: Pick<Rules, 'table' | 'clock'>,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  { file, readme, promote }: { file: string; readme?: string | undefined; promote: boolean },
): Promise<Published> => {
  requirePublisher(person, name);
  const folder = { name, yaml: file, readme, source: 'template.yaml', promote };
  return publishTemplate(rules, person, folder, (parsed) => computeProblems(parsed, kinds));
};

export const publishedOf = (template: TemplateRecord, published: boolean): Published => ({
  name: template.name,
  version: template.latestVersion,
  published,
  activeVersion: activeVersionOf(template),
});

/** Equal for two versions with the same content. */
export const digestOf = ({ yaml, readme }: TemplateFolder): string =>
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
  const auditEvent = { action: 'template.publish' as const, actor, details };
  const written = templateChanges(template, before, auditEvent, now);
  return {
    template,
    changes: [...written, { put: versionItems.item(versionKey(file.name, version), record), when: { absent: true } }],
  };
};
