import { createHash } from 'node:crypto';
import type { Share, ShareWhat } from '../../contracts/sharing.ts';
import { msOf } from '../instant.ts';
import { toItem } from '../item.ts';
import type { Item, Key } from '../ports.ts';
import { workspaceKey } from '../workspaces/record.ts';

/** With whom something is shared, as it is kept: a person by their id, whose name never changes. */
export type SharedWith = Share['with'];

/** A share as the table holds it, beside its workspace. */
export interface ShareRecord {
  id: string;
  workspaceId: string;
  what: ShareWhat;
  with: SharedWith;
  createdAt: string;
  createdBy: string;
  expiresAt?: string | undefined;
}

export const sharePrefix = 'share#';
export const shareKey = (workspaceId: string, id: string): Key => ({
  pk: workspaceKey(workspaceId).pk,
  sk: sharePrefix + id,
});

export const whatText = (what: ShareWhat): string => {
  if (what.kind === 'workspace') return 'workspace';
  return what.kind === 'app' ? `app ${what.app}` : `port ${what.port}`;
};

export const withText = (other: SharedWith): string => {
  if (other.kind === 'person') return `person ${other.id}`;
  return other.kind === 'group' ? `group ${other.group}` : 'everyone';
};

/** The same for the same thing and the same people, so that sharing it again joins. */
export const shareIdOf = (what: ShareWhat, other: SharedWith): string => {
  const digest = createHash('sha256').update(JSON.stringify([whatText(what), withText(other)]));
  return `sh-${digest.digest('hex').slice(0, 24)}`;
};

/** Where the index `list` holds all that is shared with a person, a group or everyone. */
export const sharedPartition = (other: SharedWith): string => {
  if (other.kind === 'person') return `shared#person#${other.id}`;
  return other.kind === 'group' ? `shared#group#${other.group}` : 'shared#everyone';
};

export const shareItem = (share: ShareRecord): Item =>
  toItem(shareKey(share.workspaceId, share.id), {
    ...share,
    listPk: sharedPartition(share.with),
    listSk: `${share.workspaceId}#${share.id}`,
    ...(share.expiresAt === undefined ? {} : { expires: Math.ceil(msOf(share.expiresAt) / 1000) }),
  });
