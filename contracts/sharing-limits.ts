import * as z from 'zod';
import type { ShareWith } from './sharing.ts';

/** With whom something may be shared at the most, from nobody to everybody; each includes those before it. */
export const SharingLimit = z.enum(['none', 'people', 'groups', 'everyone']);
export type SharingLimit = z.infer<typeof SharingLimit>;

const width = (limit: SharingLimit): number => SharingLimit.options.indexOf(limit);

export const narrower = (one: SharingLimit, other: SharingLimit): SharingLimit =>
  width(one) <= width(other) ? one : other;

const needed = { person: 'people', group: 'groups', everyone: 'everyone' } as const satisfies Record<
  ShareWith['kind'],
  SharingLimit
>;

/** Whether a limit lets something be shared with a person, a group or everyone. */
export const mayShareWith = (limit: SharingLimit, kind: ShareWith['kind']): boolean =>
  width(needed[kind]) <= width(limit);

/** The widest that apps (and ports) and whole workspaces may be shared. */
export interface SharingLimits {
  apps: SharingLimit;
  workspace: SharingLimit;
}

/** Limits as a template or an installation says them; what it leaves out is `usual`. */
export const sharingLimits = (usual: SharingLimit) =>
  z
    .strictObject({
      apps: SharingLimit.default(usual).meta({ description: 'How widely single apps and ports may be shared' }),
      workspace: SharingLimit.default(usual).meta({ description: 'How widely a whole workspace may be shared' }),
    })
    .prefault({});

/** What an installation lets workspaces do, whatever their templates say. */
export const InstallationLimits = z.strictObject({
  sharing: sharingLimits('everyone'),
  browserOnly: z.boolean().default(false),
});
export type InstallationLimits = z.infer<typeof InstallationLimits>;
