import type { Tag } from '@aws-sdk/client-ec2';
import type { VmSettings } from '../../../contracts/settings/vm.ts';
import type { KnownAs, Run } from '../../../core/ports/compute-kind.ts';
import type { Ec2VmSpec } from '../spec.ts';

/** Berth finds a workspace's instances and volumes by these tags, and the boot script reads its workspace from them. */
export const tagNames = {
  installation: 'berth:installation',
  workspace: 'berth:workspace',
  owner: 'berth:owner',
  template: 'berth:template',
  /** The volume to mount as the home, and its mount path. */
  homeVolume: 'berth:home-volume',
  homePath: 'berth:home-path',
  /** When and why a volume was quarantined; both empty once a workspace uses the volume again. */
  quarantinedSince: 'berth:quarantined-since',
  quarantineReason: 'berth:quarantine-reason',
} as const;

export type Tags = Record<string, string>;

/** The tags of everything that belongs to a workspace, for chargeback and to find it again. None is secret. */
export const tagsOf = (settings: VmSettings, { workspace, template, spec }: Omit<Run<Ec2VmSpec>, 'agent'>): Tags => ({
  ...settings.tags,
  ...spec.tags,
  Name: `${namePrefix(workspace.owner.name)}${workspace.name}`,
  [tagNames.installation]: settings.installation,
  [tagNames.workspace]: workspace.id,
  [tagNames.owner]: workspace.owner.name,
  [tagNames.template]: template.name,
  'berth:pool': spec.pool,
});

const namePrefix = (owner: string): string => `berth ${owner}/`;

/** The names that a workspace had when the volume was created. */
export const knownAsOf = (tags: Tags): KnownAs => {
  const { [tagNames.owner]: owner, [tagNames.template]: template, Name = '' } = tags;
  const prefix = namePrefix(owner ?? '');
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(template === undefined ? {} : { template }),
    ...(owner === undefined || !Name.startsWith(prefix) ? {} : { name: Name.slice(prefix.length) }),
  };
};

export const toTagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
export const fromTagList = (tags: readonly Tag[] = []): Tags =>
  Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));

/** The tags of `wanted` that are absent or differ. */
export const missingTags = (wanted: Tags, seen: Tags): Tags =>
  Object.fromEntries(Object.entries(wanted).filter(([key, value]) => seen[key] !== value));
