import { WorkspaceId } from '../../contracts/names.ts';
import type { Shared } from '../access.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { fromItem } from '../item.ts';
import type { Page } from '../ports.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { findWith, findWorkspace, loadWorkspace } from '../workspaces/store.ts';
import { lapseOf } from './lapse.ts';
import { limitsOf } from './limits.ts';
import { type ShareRecord, sharedPartition } from './record.ts';
import { loadShares } from './store.ts';

/** All shares of a workspace, oldest first, and how widely it may be shared. For its owner and admins. */
export const listShares = async (rules: Rules, person: Person, reference: string) => {
  const workspace = await findWorkspace(rules, person, reference, 'manage');
  const shares = await loadShares(rules.table, workspace.id);
  shares.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  return { workspace, shares, allowed: limitsOf(workspace, rules.installation?.sharing) };
};

/** A workspace, and what of it somebody may use. */
export interface Usable {
  workspace: WorkspaceRecord;
  shared: Shared;
}

/** What of a workspace somebody may use: the owner all of it, others what is shared with them. */
export const getShared = async (rules: Rules, person: Person, reference: string): Promise<Usable> => {
  const isOwn = ({ ownerId }: WorkspaceRecord) => ownerId === person.id;
  const found = await findWith(rules, person, reference, (workspace, shared) => isOwn(workspace) || shared.length > 0);
  return isOwn(found.workspace) ? { ...found, shared: [{ what: { kind: 'workspace' } }] } : found;
};

/** More than all shares of one workspace, so that a page always holds the end of one. */
const itemsPerSource = 100;

/**
 * What others share with somebody, by the workspaces' ids, which are in the order in which they were made. A query for
 * the person, one for each of their groups and one for everyone, and a get for each workspace of the page.
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
  const items = await Promise.all(page.map(([id, shares]) => usable(rules, person, id, shares)));
  const last = isAll && found.length <= limit ? undefined : page.at(-1)?.[0];
  return { items: items.filter((item) => item !== undefined), ...(last === undefined ? {} : { next: last }) };
};

const partitionsOf = ({ id, name, groups }: Person): string[] => [
  sharedPartition({ kind: 'person', id, name }),
  ...[...new Set(groups)].map((group) => sharedPartition({ kind: 'group', group })),
  sharedPartition({ kind: 'everyone' }),
];

/** `$` comes after `#`: from here on are the shares of the workspaces after this one. */
const afterWorkspace = (cursor: string): string => {
  if (WorkspaceId.safeParse(cursor).success) return `${cursor}$`;
  throw new BerthError('invalid_request', 'The cursor is not one that this list gave. Leave it out to start over.', {
    field: 'cursor',
  });
};

/**
 * The shares of each workspace, by its id. Where a source has more to give, the last workspace it named may have more
 * shares, and workspaces after that one are not all known yet.
 */
const merged = (pages: readonly Page[]): { found: [string, ShareRecord[]][]; isAll: boolean } => {
  const shares = pages.flatMap(({ items }) => items.map((item) => fromItem<ShareRecord>(item)));
  const ends = pages.flatMap(({ items, next }) => (next === undefined ? [] : [String(items.at(-1)?.['workspaceId'])]));
  const isKnown = ({ workspaceId }: ShareRecord) => ends.every((end) => workspaceId < end);
  const byWorkspace = Map.groupBy(shares.filter(isKnown), ({ workspaceId }) => workspaceId);
  const found = [...byWorkspace].sort(([a], [b]) => (a < b ? -1 : 1));
  return { found, isAll: ends.length === 0 };
};

/** `undefined` when it is the person's own, is deleted, or nothing of it is shared any more. */
const usable = async (
  rules: Rules,
  person: Person,
  id: string,
  shares: readonly ShareRecord[],
): Promise<Usable | undefined> => {
  const workspace = await loadWorkspace(rules.table, id);
  if (workspace === undefined || workspace.ownerId === person.id || workspace.desired === 'deleted') return undefined;
  const shared = shares.filter((share) => lapseOf(share, workspace, rules) === undefined);
  return shared.length === 0 ? undefined : { workspace, shared };
};
