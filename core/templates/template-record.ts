import type { Template, TemplateVersion } from '../../contracts/templates/template.ts';
import type { Prices, TemplateFile } from '../../contracts/templates/template-file.ts';
import type { AuditHead } from '../audit/audit-events.ts';
import type { Item, Key } from '../ports/table.ts';
import { padded } from '../table/item.ts';
import { ItemKind } from '../table/item-kind.ts';
import { defaultPrices } from './evaluation/prices.ts';

export interface TemplateRecord {
  name: string;
  displayName: string;
  description: string;
  icon: string;
  groups?: string[] | undefined;
  /** With the default parameters; absent in older records. */
  prices?: Prices | undefined;
  latestVersion: number;
  latestDigest: string;
  /** Absent in older records. */
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

export const templateItems = new ItemKind<TemplateRecord>('template', {
  name: 'string',
  latestVersion: 'number',
  latestDigest: 'string',
  audit: 'object',
});
export const versionItems = new ItemKind<VersionRecord>('template version', {
  template: 'string',
  version: 'number',
  file: 'object',
  digest: 'string',
  createdAt: 'string',
});

/** The usual duration of each step, in milliseconds, calculated from builds that succeeded. */
interface UsualDurations {
  steps: Record<string, number>;
}
export const usualItems = new ItemKind<UsualDurations>('usual durations', { steps: 'object' });

const partition = (name: string) => `template#${name}`;
export const templateKey = (name: string): Key => ({ pk: partition(name), sk: 'template' });
export const versionPrefix = 'version#';
export const versionKey = (name: string, version: number): Key => ({
  pk: partition(name),
  sk: versionPrefix + padded(version),
});
export const usualKey = (name: string): Key => ({ pk: partition(name), sk: 'usual' });

export const templateItem = (template: TemplateRecord): Item =>
  templateItems.item(templateKey(template.name), { ...template, listPk: 'templates', listSk: template.name });

/** The version that new workspaces get and existing ones can be updated to. */
export const activeVersionOf = ({ activeVersion, latestVersion }: TemplateRecord): number =>
  activeVersion ?? latestVersion;

/** What a template takes over from its active version. */
export const fieldsOf = (
  file: TemplateFile,
): Pick<TemplateRecord, 'displayName' | 'description' | 'icon' | 'groups' | 'prices'> => ({
  displayName: file.displayName ?? file.name,
  description: file.description,
  icon: file.icon,
  groups: file.groups,
  prices: defaultPrices(file),
});

export const templateView = (template: TemplateRecord): Template => ({
  name: template.name,
  displayName: template.displayName,
  description: template.description,
  icon: template.icon,
  latestVersion: template.latestVersion,
  activeVersion: activeVersionOf(template),
  ...(template.prices === undefined ? {} : { prices: template.prices }),
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
