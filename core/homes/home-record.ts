import { BerthError } from '../errors.ts';
import type { KnownAs } from '../ports/compute-kind.ts';
import type { Condition, Item, Key, Table } from '../ports/table.ts';
import { ItemKind } from '../table/item-kind.ts';

/** A home that its compute kind quarantined because the table has no such workspace. Times are ISO 8601. */
export interface HomeRecord {
  workspaceId: string;
  kind: string;
  /** When and why the home was quarantined, according to its mark. */
  since: string;
  reason: string;
  knownAs?: KnownAs | undefined;
  /** `discarded`: an admin or the retention period discarded the home, and the sweep destroys it. */
  state: 'kept' | 'discarded';
  /** Why the home could not be destroyed yet. */
  problem?: string | undefined;
  /** Incremented by every write; 0 before the first. */
  revision: number;
}

export const homeItems = new ItemKind<HomeRecord>('home', {
  workspaceId: 'string',
  kind: 'string',
  since: 'string',
  reason: 'string',
  state: 'string',
  revision: 'number',
});

/** All unowned homes are in one partition, sorted by workspace. */
export const homesPartition = 'unowned-homes';
export const homeKey = (workspaceId: string): Key => ({ pk: homesPartition, sk: workspaceId });

/** Returns the item of the next write, which requires the condition `unchangedHome`. */
export const homeItem = (home: HomeRecord): Item =>
  homeItems.item(homeKey(home.workspaceId), { ...home, revision: home.revision + 1 });

/** Requires that the home's record is unchanged since it was read. */
export const unchangedHome = ({ revision }: Pick<HomeRecord, 'revision'>): Condition =>
  revision === 0 ? { absent: true } : { present: true, atMost: { revision } };

export const loadHome = async (table: Table, workspaceId: string): Promise<HomeRecord | undefined> => {
  const item = await table.get(homeKey(workspaceId));
  return item && homeItems.read(item);
};

export const homeNotFound = (workspaceId: string): BerthError =>
  new BerthError(
    'not_found',
    `There is no unowned home of workspace ${JSON.stringify(workspaceId.slice(0, 60))}. List unowned homes with "berth homes".`,
  );
