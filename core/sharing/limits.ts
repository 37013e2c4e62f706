import { mayShareWith, narrower, type SharingLimit, type SharingLimits } from '../../contracts/sharing-limits.ts';
import type { ShareRecord } from './record.ts';

/** Of a workspace that took nothing over from its template, as the template file has it where it says nothing. */
const usual: SharingLimits = { apps: 'people', workspace: 'people' };

/** How widely a workspace may be shared: what both its template and the installation allow. */
export const limitsOf = (
  workspace: { sharing?: SharingLimits | undefined },
  installation: SharingLimits = { apps: 'everyone', workspace: 'everyone' },
): SharingLimits => {
  const { apps, workspace: whole } = workspace.sharing ?? usual;
  return { apps: narrower(apps, installation.apps), workspace: narrower(whole, installation.workspace) };
};

/** The limit that a share is under. Ports are shared as apps are. */
export const limitOn = ({ what }: Pick<ShareRecord, 'what'>, limits: SharingLimits): SharingLimit =>
  what.kind === 'workspace' ? limits.workspace : limits.apps;

export const isWithin = (share: Pick<ShareRecord, 'what' | 'with'>, limits: SharingLimits): boolean =>
  mayShareWith(limitOn(share, limits), share.with.kind);
