import type { ErrorName } from '../../contracts/errors.ts';
import type { SharingLimit } from '../../contracts/sharing-limits.ts';
import type { Person } from '../actor.ts';
import { isDirect } from '../browser-only.ts';
import { instant } from '../instant.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { isWithin, limitOn, limitsOf } from './limits.ts';
import type { ShareRecord } from './record.ts';

/** Why a share cannot be, or gives nothing now. */
export interface Lapse {
  error: ErrorName;
  field: string;
  /** A sentence, and what to do. */
  text: string;
}

type Judged = Pick<ShareRecord, 'what' | 'with' | 'expiresAt'>;
type Judging = Pick<Rules, 'clock' | 'installation'>;

/**
 * Why a share gives nothing; `undefined` for one that gives what it says. Asked when it is made and at every use, so that
 * limits which were tightened since hold at once.
 */
export const lapseOf = (
  share: Judged,
  workspace: WorkspaceRecord,
  { clock, installation }: Judging,
): Lapse | undefined => {
  const { what, expiresAt } = share;
  if (expiresAt !== undefined && expiresAt <= instant(clock())) {
    return { error: 'invalid_request', field: 'expiresAt', text: 'Its time is over. Share it again.' };
  }
  const limits = limitsOf(workspace, installation?.sharing);
  if (!isWithin(share, limits)) return tooWide(what.kind, limitOn(share, limits));
  if (what.kind === 'app' && !workspace.apps.some(({ name }) => name === what.app)) {
    return { error: 'not_found', field: 'what.app', text: `It has no app ${what.app}. Share one that it has.` };
  }
  if (what.kind === 'port' && isDirect({ ...what, by: 'browser' }, workspace, installation)) {
    const text = `It is browser-only, and port ${what.port} is none of its apps’. Share an app.`;
    return { error: 'forbidden', field: 'what.port', text };
  }
  return undefined;
};

const atMost: Record<SharingLimit, string> = {
  none: 'nobody',
  people: 'people by name',
  groups: 'people and groups',
  everyone: 'everyone',
};

const tooWide = (kind: ShareRecord['what']['kind'], limit: SharingLimit): Lapse => {
  const subject = kind === 'workspace' ? 'The whole workspace' : 'Its apps and ports';
  const text = `${subject} may be shared with ${atMost[limit]} at the most, by its template or by this installation. Share with fewer, or ask an admin.`;
  return { error: 'forbidden', field: 'with', text };
};

export const concerns = (
  { with: other }: Pick<ShareRecord, 'with'>,
  person: Pick<Person, 'id' | 'groups'>,
): boolean => {
  if (other.kind === 'everyone') return true;
  return other.kind === 'person' ? other.id === person.id : person.groups.includes(other.group);
};
