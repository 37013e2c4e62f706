import { WorkspaceId } from '../../contracts/values/names.ts';
import type { ActiveShares } from '../access/policy.ts';
import { inactiveReason, sharingLimitsOf } from '../access/share-limits.ts';
import { type ShareRecord, sharedPartition, shareItems } from '../access/share-record.ts';
import { loadShares } from '../access/share-store.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import type { Item, Page } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { workspaceKey } from '../table/keys.ts';
import { type WorkspaceRecord, workspaceItems } from '../workspaces/records/workspace-record.ts';
import { findWorkspace, findWorkspaceWith } from '../workspaces/store.ts';

/** Returns all shares of a workspace, oldest first, and its sharing limit, for its owner, admins and auditors. */
export const listShares = async (rules: Rules, person: Person, reference: string) => {
  const workspace = await findWorkspace(rules, person, reference, 'review');
  const { shares } = await loadShares(rules, workspace.id);
  shares.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  return { workspace, shares, allowed: sharingLimitsOf(workspace, rules.installation?.sharing) };
};

/** A workspace and the parts of it that a person may use. */
export interface Usable {
  workspace: WorkspaceRecord;
  shared: ActiveShares;
}

/** Returns what a person may use of a workspace: the owner everything, others what is shared with them. */
export const getShared = async (rules: Rules, person: Person, reference: string): Promise<Usable> => {
  const isOwn = ({ ownerId }: WorkspaceRecord) => ownerId === person.id;
  const found = await findWorkspaceWith(
    rules,
    person,
    reference,
    (workspace, shared) => isOwn(workspace) || shared.length > 0,
  );
  return isOwn(found.workspace) ? { ...found, shared: [{ what: { kind: 'workspace' } }] } : found;
};

/** More than the maximum number of shares of one workspace, so that a page always completes at least one. */
const itemsPerSource = 100;

/**
 * Returns what others share with a person, sorted by workspace ID and thus by creation. Costs a query for the person,
 * one per group and one for everyone, and a get for each workspace of the page.
 */
export const listShared = async (
  rules: Rules,
  person: Person,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Usable[]; next?: string }> => {
  const from = cursor === undefined ? {} : { from: afterWorkspace(cursor) };
  const query = (pk: string) => rules.table.query({ pk, index: 'list', limit: itemsPerSource, ...from });
  const { found, isAll } = merged(await Promise.all(partitionsOf(person).map(query)));
  const page = found.slice(0, limit);
  const items = await Promise.all(
    page.map(([id, shares]) => usable(rules, person, id, shareItems.readList(shares, rules.log))),
  );
  const last = isAll && found.length <= limit ? undefined : page.at(-1)?.[0];
  return { items: items.filter((item) => item !== undefined), ...(last === undefined ? {} : { next: last }) };
};

const partitionsOf = ({ id, name, groups }: Person): string[] => [
  sharedPartition({ kind: 'person', id, name }),
  ...[...new Set(groups)].map((group) => sharedPartition({ kind: 'group', group })),
  sharedPartition({ kind: 'everyone' }),
];

/** `$` sorts after `#`: the shares of later workspaces begin here. */
const afterWorkspace = (cursor: string): string => {
  if (WorkspaceId.safeParse(cursor).success) return `${cursor}$`;
  throw new BerthError(
    'invalid_request',
    'The cursor is not valid for this list. Omit it to start from the beginning.',
    {
      field: 'cursor',
    },
  );
};

/** From the key, because the item may be unreadable. */
const workspaceIdOf = ({ pk }: Pick<Item, 'pk'>): string => pk.slice(workspaceKey('').pk.length);

/**
 * Returns the shares of each workspace, by its ID. If a source has more pages, its last workspace may have more shares,
 * and later workspaces are incomplete.
 */
const merged = (pages: readonly Page[]): { found: [string, Item[]][]; isAll: boolean } => {
  const ends = pages.flatMap(({ items, next }) => (next === undefined ? [] : items.slice(-1).map(workspaceIdOf)));
  const isKnown = (item: Item) => ends.every((end) => workspaceIdOf(item) < end);
  const shares = pages.flatMap(({ items }) => items).filter(isKnown);
  const byWorkspace = Map.groupBy(shares, workspaceIdOf);
  const found = [...byWorkspace].sort(([a], [b]) => (a < b ? -1 : 1));
  return { found, isAll: ends.length === 0 };
};

/** Returns `undefined` if the workspace is the person's own, deleted, unreadable, or no longer shared. */
const usable = async (
  rules: Rules,
  person: Person,
  id: string,
  shares: readonly ShareRecord[],
): Promise<Usable | undefined> => {
  const item = await rules.table.get(workspaceKey(id));
  const workspace = item && workspaceItems.readListed(item, rules.log);
  if (workspace === undefined || workspace.ownerId === person.id || workspace.desired === 'deleted') return undefined;
  const shared = shares.filter((share) => inactiveReason(share, workspace, rules) === undefined);
  return shared.length === 0 ? undefined : { workspace, shared };
};
