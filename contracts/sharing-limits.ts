import * as z from 'zod';

/** With whom something may be shared at the most, from nobody to everybody; each includes those before it. */
export const SharingLimit = z.enum(['none', 'people', 'groups', 'everyone']);
export type SharingLimit = z.infer<typeof SharingLimit>;

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
