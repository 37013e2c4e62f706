import { createHash } from 'node:crypto';
import type { Share, ShareWhat } from '../../contracts/workspaces/sharing.ts';
import { msOf } from '../instant.ts';
import type { Item, Key } from '../ports/table.ts';
import { ItemKind } from '../table/item-kind.ts';
import { workspaceKey } from '../table/keys.ts';

/** The other party of a share. A person is stored by id and user name, neither of which changes. */
export type SharedWith = Share['with'];

/** A share as the table stores it, in its workspace's partition. */
export interface ShareRecord {
  id: string;
  workspaceId: string;
  what: ShareWhat;
  with: SharedWith;
  createdAt: string;
  createdBy: string;
  expiresAt?: string | undefined;
}

export const shareItems = new ItemKind<ShareRecord>('share', {
  id: 'string',
  workspaceId: 'string',
  what: 'object',
  with: 'object',
  createdAt: 'string',
  createdBy: 'string',
});

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

/** Derived from what is shared with whom, so that sharing it again updates the existing share. */
export const shareIdOf = (what: ShareWhat, other: SharedWith): string => {
  const digest = createHash('sha256').update(JSON.stringify([whatText(what), withText(other)]));
  return `sh-${digest.digest('hex').slice(0, 24)}`;
};

/** The partition of the index `list` with everything that is shared with a person, a group or everyone. */
export const sharedPartition = (other: SharedWith): string => {
  if (other.kind === 'person') return `shared#person#${other.id}`;
  return other.kind === 'group' ? `shared#group#${other.group}` : 'shared#everyone';
};

export const shareItem = (share: ShareRecord): Item =>
  shareItems.item(shareKey(share.workspaceId, share.id), {
    ...share,
    listPk: sharedPartition(share.with),
    listSk: `${share.workspaceId}#${share.id}`,
    ...(share.expiresAt === undefined ? {} : { expires: Math.ceil(msOf(share.expiresAt) / 1000) }),
  });
