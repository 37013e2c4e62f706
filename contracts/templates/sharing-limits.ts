import * as z from 'zod';
import { TemplateName } from '../values/names.ts';

/** The widest audience that something may be shared with. Each value includes the ones before it. */
export const SharingLimit = z.enum(['none', 'people', 'groups', 'everyone']);
export type SharingLimit = z.infer<typeof SharingLimit>;

const width = (limit: SharingLimit): number => SharingLimit.options.indexOf(limit);

export const narrower = (one: SharingLimit, other: SharingLimit): SharingLimit =>
  width(one) <= width(other) ? one : other;

/** The limit that each kind of `ShareWith` needs. */
const needed = { person: 'people', group: 'groups', everyone: 'everyone' } as const satisfies Record<
  string,
  SharingLimit
>;

/** Whether a limit allows sharing with a person, a group or everyone. */
export const mayShareWith = (limit: SharingLimit, kind: keyof typeof needed): boolean =>
  width(needed[kind]) <= width(limit);

/** Limits for apps and ports, and for whole workspaces. */
export interface SharingLimits {
  apps: SharingLimit;
  workspace: SharingLimit;
}

/** Limits in a template or in an installation's settings. `usual` is the default. */
export const sharingLimits = (usual: SharingLimit) =>
  z
    .strictObject({
      apps: SharingLimit.default(usual).meta({ description: 'Widest audience for a single app or port' }),
      workspace: SharingLimit.default(usual).meta({ description: 'Widest audience for a whole workspace' }),
    })
    .prefault({});

/** Limits of an installation, which no template can widen. */
export const InstallationLimits = z.strictObject({
  sharing: sharingLimits('everyone'),
  browserOnly: z.boolean().default(false),
  /** The templates that may use a privileged spec; absent when no installed compute kind has one. */
  privilegedTemplates: z.array(TemplateName).max(100).optional(),
});
export type InstallationLimits = z.infer<typeof InstallationLimits>;
