import type { ErrorName } from '../../contracts/errors/problem.ts';
import {
  mayShareWith,
  narrower,
  type SharingLimit,
  type SharingLimits,
} from '../../contracts/templates/sharing-limits.ts';
import { instant } from '../instant.ts';
import type { Rules } from '../rules.ts';
import { isRefusedByBrowserOnly } from './browser-only.ts';
import type { AccessedWorkspace } from './policy.ts';
import type { ShareRecord } from './share-record.ts';

/** For a workspace whose last start is older than sharing limits: the default of the template file. */
const defaultLimits: SharingLimits = { apps: 'people', workspace: 'people' };

/** How widely a workspace may be shared: the narrower of what its template and the installation allow. */
export const sharingLimitsOf = (
  workspace: Pick<AccessedWorkspace, 'sharing'>,
  installation: SharingLimits = { apps: 'everyone', workspace: 'everyone' },
): SharingLimits => {
  const limits = workspace.sharing ?? defaultLimits;
  return {
    apps: narrower(limits.apps, installation.apps),
    workspace: narrower(limits.workspace, installation.workspace),
  };
};

/** The limit for a share. Ports are under the limit of apps. */
const limitOn = ({ what }: Pick<ShareRecord, 'what'>, limits: SharingLimits): SharingLimit =>
  what.kind === 'workspace' ? limits.workspace : limits.apps;

/** Why a share is not possible, or grants nothing at present. */
interface InactiveReason {
  error: ErrorName;
  field: string;
  /** A sentence, and what to do. */
  text: string;
}

/**
 * Why a share grants nothing; `undefined` for an active one. Checked when the share is created and at each use, so that
 * limits which were tightened since then apply to it too.
 */
export const inactiveReason = (
  share: Pick<ShareRecord, 'what' | 'with' | 'expiresAt'>,
  workspace: AccessedWorkspace,
  { clock, installation }: Pick<Rules, 'clock' | 'installation'>,
): InactiveReason | undefined => {
  const { what, expiresAt } = share;
  if (expiresAt !== undefined && expiresAt <= instant(clock())) {
    return { error: 'invalid_request', field: 'expiresAt', text: 'The share has expired. Share it again.' };
  }
  const limit = limitOn(share, sharingLimitsOf(workspace, installation?.sharing));
  if (!mayShareWith(limit, share.with.kind)) return tooWide(what.kind, limit);
  if (what.kind === 'app' && !workspace.apps.some(({ name }) => name === what.app)) {
    const text = `The workspace has no app ${what.app}. Share one of its apps.`;
    return { error: 'not_found', field: 'what.app', text };
  }
  if (what.kind === 'port' && isRefusedByBrowserOnly({ ...what, credential: 'browser' }, workspace, installation)) {
    const text = `The workspace is browser-only, and no app of its template uses port ${what.port}. Share an app.`;
    return { error: 'forbidden', field: 'what.port', text };
  }
  return undefined;
};

const audienceNames: Record<SharingLimit, string> = {
  none: 'nobody',
  people: 'people by name',
  groups: 'people and groups',
  everyone: 'everyone',
};

const tooWide = (kind: ShareRecord['what']['kind'], limit: SharingLimit): InactiveReason => {
  const subject = kind === 'workspace' ? 'The whole workspace' : 'Its apps and ports';
  const text = `${subject} may be shared with ${audienceNames[limit]} at most, by its template or by this installation. Share with fewer people.`;
  return { error: 'forbidden', field: 'with', text };
};
