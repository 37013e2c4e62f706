import type { Template, TemplateVersion } from '../../contracts/routes.ts';
import type { TemplateFile } from '../../contracts/template.ts';
import type { AuditHead } from '../audit.ts';
import { padded, toItem } from '../item.ts';
import type { Item, Key } from '../ports.ts';

export interface TemplateRecord {
  name: string;
  displayName: string;
  description: string;
  icon: string;
  groups?: string[] | undefined;
  latestVersion: number;
  latestDigest: string;
  /** Absent in records of before there was a choice. */
  activeVersion?: number;
  deprecated?: { since: string; message: string } | undefined;
  audit: AuditHead;
}

/** Immutable once written. */
export interface VersionRecord {
  template: string;
  version: number;
  file: TemplateFile;
  readme?: string | undefined;
  digest: string;
  createdAt: string;
  createdBy?: string | undefined;
}

const partition = (name: string) => `template#${name}`;
export const templateKey = (name: string): Key => ({ pk: partition(name), sk: 'template' });
export const versionPrefix = 'version#';
export const versionKey = (name: string, version: number): Key => ({
  pk: partition(name),
  sk: versionPrefix + padded(version),
});
/** The usual duration of each step, in milliseconds, worked out from builds that succeeded. */
export const usualKey = (name: string): Key => ({ pk: partition(name), sk: 'usual' });

export const templateItem = (template: TemplateRecord): Item =>
  toItem(templateKey(template.name), { ...template, listPk: 'templates', listSk: template.name });

/** What new workspaces get, and existing ones are offered. */
export const activeVersionOf = ({ activeVersion, latestVersion }: TemplateRecord): number =>
  activeVersion ?? latestVersion;

/** What a template takes over from its active version. */
export const fieldsOf = (
  file: TemplateFile,
): Pick<TemplateRecord, 'displayName' | 'description' | 'icon' | 'groups'> => ({
  displayName: file.displayName ?? file.name,
  description: file.description,
  icon: file.icon,
  groups: file.groups,
});

export const templateView = (template: TemplateRecord): Template => ({
  name: template.name,
  displayName: template.displayName,
  description: template.description,
  icon: template.icon,
  latestVersion: template.latestVersion,
  activeVersion: activeVersionOf(template),
  ...(template.deprecated === undefined ? {} : { deprecated: template.deprecated }),
});

export const versionView = (version: VersionRecord): TemplateVersion => ({
  template: version.template,
  version: version.version,
  createdAt: version.createdAt,
  ...(version.createdBy === undefined ? {} : { createdBy: version.createdBy }),
  parameters: version.file.parameters,
  apps: version.file.apps,
  stop: version.file.stop,
  compute: { kind: version.file.compute.kind },
  ...(version.readme === undefined ? {} : { readme: version.readme }),
  digest: version.digest,
});
