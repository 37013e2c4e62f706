import { mostShares } from '../../contracts/workspaces/sharing.ts';
import type { Actor, Person } from '../actor.ts';
import type { Change, Item, Table } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { workspaceKey } from '../table/keys.ts';
import type { AccessedWorkspace } from './policy.ts';
import { inactiveReason } from './share-limits.ts';
import { type ShareRecord, shareItems, shareKey, sharePrefix } from './share-record.ts';

const shareItemsOf = async (table: Table, workspaceId: string): Promise<Item[]> =>
  (await table.query({ pk: workspaceKey(workspaceId).pk, prefix: sharePrefix, limit: mostShares })).items;

/**
 * All shares of a workspace, expired ones included. `unreadable` is the number of items that are not among them because
 * they cannot be read: they grant nothing, but they count as shares. One query, as there are at most `mostShares`.
 */
export const loadShares = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  workspaceId: string,
): Promise<{ shares: ShareRecord[]; unreadable: number }> => {
  const items = await shareItemsOf(table, workspaceId);
  const shares = shareItems.readList(items, log);
  return { shares, unreadable: items.length - shares.length };
};

export const loadShare = async (table: Table, workspaceId: string, id: string): Promise<ShareRecord | undefined> => {
  const item = await table.get(shareKey(workspaceId, id));
  return item && shareItems.read(item);
};

const concerns = ({ with: other }: Pick<ShareRecord, 'with'>, person: Pick<Person, 'id' | 'groups'>): boolean => {
  if (other.kind === 'everyone') return true;
  return other.kind === 'person' ? other.id === person.id : person.groups.includes(other.group);
};

/**
 * The shares of a workspace that concern the actor and are active, for the policy to decide by. One query; none for the
 * owner.
 */
export const activeSharesFor = async (
  rules: Pick<Rules, 'table' | 'clock' | 'log' | 'installation'>,
  actor: Actor,
  workspace: AccessedWorkspace,
): Promise<ShareRecord[]> => {
  if (actor === 'system' || actor.id === workspace.ownerId) return [];
  const { shares } = await loadShares(rules, workspace.id);
  return shares.filter((share) => concerns(share, actor) && inactiveReason(share, workspace, rules) === undefined);
};

/** The changes that delete all shares of a workspace, unreadable ones too, for the transaction that deletes it. */
export const deleteShares = async (table: Table, workspaceId: string): Promise<Change[]> =>
  (await shareItemsOf(table, workspaceId)).map(({ pk, sk }) => ({ delete: { pk, sk } }));
