import type { Tag } from '@aws-sdk/client-ec2';
import type { VmSettings } from '../../contracts/vm-settings.ts';
import type { Run } from '../kind.ts';
import type { Ec2VmSpec } from './spec.ts';

/** By these a VM's things are found again, and its boot script learns whose it is. */
export const tagNames = {
  installation: 'berth:installation',
  workspace: 'berth:workspace',
  /** The volume that becomes the home, and where. */
  homeVolume: 'berth:home-volume',
  homePath: 'berth:home-path',
} as const;

export type Tags = Record<string, string>;

/** What everything of a workspace carries, for chargeback and for being found. None of it is a secret. */
export const tagsOf = (settings: VmSettings, { workspace, template, spec }: Omit<Run<Ec2VmSpec>, 'agent'>): Tags => ({
  ...settings.tags,
  ...spec.tags,
  Name: `berth ${workspace.owner.name}/${workspace.name}`,
  [tagNames.installation]: settings.installation,
  [tagNames.workspace]: workspace.id,
  'berth:owner': workspace.owner.name,
  'berth:template': template.name,
  'berth:pool': spec.pool,
});

export const toTagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
export const fromTagList = (tags: readonly Tag[] = []): Tags =>
  Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));

/** Those of `wanted` that are not so yet. */
export const missingTags = (wanted: Tags, seen: Tags): Tags =>
  Object.fromEntries(Object.entries(wanted).filter(([key, value]) => seen[key] !== value));
