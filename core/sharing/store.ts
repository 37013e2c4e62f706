import { mostShares } from '../../contracts/sharing.ts';
import type { Actor } from '../actor.ts';
import { fromItem } from '../item.ts';
import type { Change, Table } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { type WorkspaceRecord, workspaceKey } from '../workspaces/record.ts';
import { concerns, lapseOf } from './lapse.ts';
import { type ShareRecord, shareKey, sharePrefix } from './record.ts';

/** All shares of a workspace. One query: there are never more than `mostShares`, those whose time is over included. */
export const loadShares = async (table: Table, workspaceId: string): Promise<ShareRecord[]> => {
  const { items } = await table.query({ pk: workspaceKey(workspaceId).pk, prefix: sharePrefix, limit: mostShares });
  return items.map((item) => fromItem<ShareRecord>(item));
};

export const loadShare = async (table: Table, workspaceId: string, id: string): Promise<ShareRecord | undefined> => {
  const item = await table.get(shareKey(workspaceId, id));
  return item && fromItem<ShareRecord>(item);
};

/** What is shared with somebody of a workspace and gives something now, for the policy to judge by. */
export const sharesWith = async (
  rules: Pick<Rules, 'table' | 'clock' | 'installation'>,
  actor: Actor,
  workspace: WorkspaceRecord,
): Promise<ShareRecord[]> => {
  if (actor === 'system' || actor.id === workspace.ownerId) return [];
  const shares = await loadShares(rules.table, workspace.id);
  return shares.filter((share) => concerns(share, actor) && lapseOf(share, workspace, rules) === undefined);
};

/** What takes all shares of a workspace away, to go into the transaction that ends it. */
export const withoutShares = async (table: Table, workspaceId: string): Promise<Change[]> =>
  (await loadShares(table, workspaceId)).map(({ id }) => ({ delete: shareKey(workspaceId, id) }));
