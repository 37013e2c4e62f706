import type { Clock } from '../../../core/ports/clock.ts';
import type { Change, Item, Key, Table } from '../../../core/ports/table.ts';
import { WriteConflict } from '../../../core/ports/table.ts';
import { ItemKind } from '../../../core/table/item-kind.ts';
import { everyShardedItem, shardedPartition } from '../../../core/table/shards.ts';
import { type LeasedInstance, type VmRecord, type WorkList, workListOf } from './vm-record.ts';

const workListPartition = (list: WorkList): string => `vms-${list}`;

const vmKey = (workspaceId: string): Key => ({ pk: `vm#${workspaceId}`, sk: 'vm' });
const poolKey = (pool: string): Key => ({ pk: `vm-pool#${pool}`, sk: 'pool' });
/** Agent authentication reads this item alone to decide which workspace has leased an instance. */
const leaseKey = (instanceId: string): Key => ({ pk: `lease#${instanceId}`, sk: 'lease' });

/**
 * The item of an ended lease is kept for this long, because a late response of AWS may still list the instance as a
 * spare.
 */
const endedLeaseSeconds = 7 * 86_400;

/** Why a write did not happen: another call changed the record, leased the instance, or the pool is at its cap. */
export type SaveConflict = 'changed' | 'taken' | 'full';

/** How many instances a pool has, as the table counts them. */
export interface PoolCount {
  /** Instances that belong to workspaces, including those that are stopped or being launched. */
  leased: number;
  /** Workspaces that wait for a spare to boot. */
  waiting: number;
  /** The limit of instances in the group, running and stopped together. */
  spares: number;
}

/** What a write does in the same transaction as changing the record. */
export interface SaveOptions {
  /** Leases an instance. Conflict: `taken`. */
  lease?: LeasedInstance;
  /** Updates the build in the workspace's own lease. Conflict: `taken`. */
  renew?: LeasedInstance;
  /** Ends a lease. The instance cannot be leased again. */
  end?: LeasedInstance | undefined;
  /** Adds to the pool's count; `within` is the cap. Conflict: `full`. */
  count?: Partial<PoolCount> & { within?: number };
  /** The number of spares that the pool's count must still have. Conflict: `full`. */
  expectedSpares?: number;
}

export interface Owned {
  workspaceId: string;
  buildId?: string;
}

const ownedOf = ({ workspaceId, state, build }: VmRecord): Record<string, string> =>
  state === 'stopped' ? { workspaceId } : { workspaceId, buildId: build.id };

export interface LeaseStore {
  load(workspaceId: string): Promise<VmRecord | undefined>;
  /** Writes all or nothing. Returns the record as written, or the conflict. */
  save(record: VmRecord, options?: SaveOptions): Promise<VmRecord | SaveConflict>;
  remove(record: VmRecord, options?: SaveOptions): Promise<SaveConflict | undefined>;
  count(pool: string): Promise<PoolCount>;
  /** Changes the limit of instances in the group. `false`: above the cap, or another writer changed it first. */
  setSpareLimit(pool: string, seen: PoolCount, spares: number, cap: number): Promise<boolean>;
  /** The workspaces of a list, in the order in which their builds began. The index may lag behind the table. */
  listWork(list: WorkList): Promise<{ workspaceId: string; begun: string }[]>;
  /** Every workspace with a record, and the build that runs. */
  listOwned(): AsyncIterable<Owned>;
}

/** Checked when read: garbage collection would take the instance of an unreadable record for an orphan. */
export const vmItems = new ItemKind<VmRecord>('vm', {
  workspaceId: 'string',
  build: 'object',
  pool: 'string',
  mode: 'string',
  state: 'string',
  since: 'string',
  begun: 'string',
  revision: 'number',
});

/** The record without the attributes of its item's indexes, which `save` computes again. */
const recordOf = (item: Item): VmRecord => {
  const { pk, sk, allPk, allSk, duePk, dueSk, owned, ...record } = vmItems.read(item) as VmRecord &
    Record<string, unknown>;
  return record;
};

const leaseItem = ({ workspaceId, build, pool }: VmRecord, { instanceId }: LeasedInstance): Item => ({
  ...leaseKey(instanceId),
  instanceId,
  workspaceId,
  buildId: build.id,
  pool,
  state: 'leased',
});

/** `total` is the sum of `leased` and `spares`, so that one condition enforces the cap. */
const countChange = (pool: string, { count, expectedSpares }: SaveOptions): Change[] => {
  if (count === undefined) return [];
  const { leased = 0, waiting = 0, spares = 0, within } = count;
  const total = leased + spares;
  const when = {
    ...(within === undefined ? {} : { atMost: { total: within - total } }),
    ...(expectedSpares === undefined ? {} : { equals: { spares: expectedSpares } }),
  };
  return [{ add: poolKey(pool), amounts: { leased, waiting, spares, total }, when }];
};

/** Stores records, leases and the pools' counts in the table. */
export const createLeaseStore = (table: Table, clock: Clock): LeaseStore => {
  const changes = (record: VmRecord, options: SaveOptions): { change: Change; conflict: SaveConflict }[] => [
    ...(options.lease === undefined
      ? []
      : [
          {
            change: { put: leaseItem(record, options.lease), when: { absent: true as const } },
            conflict: 'taken' as const,
          },
        ]),
    ...(options.renew === undefined
      ? []
      : [
          {
            change: {
              put: leaseItem(record, options.renew),
              when: { equals: { workspaceId: record.workspaceId } },
            },
            conflict: 'taken' as const,
          },
        ]),
    ...(options.end === undefined ? [] : [{ change: { put: endedLease(options.end) }, conflict: 'changed' as const }]),
    ...countChange(record.pool, options).map((change) => ({ change, conflict: 'full' as const })),
  ];

  const endedLease = ({ instanceId }: LeasedInstance): Item => ({
    ...leaseKey(instanceId),
    instanceId,
    state: 'ended',
    expires: Math.ceil(clock().getTime() / 1000) + endedLeaseSeconds,
  });

  const write = async (
    first: Change,
    others: { change: Change; conflict: SaveConflict }[],
  ): Promise<SaveConflict | undefined> => {
    try {
      await table.write([first, ...others.map(({ change }) => change)]);
      return undefined;
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      const conflicts = error.lost.map(({ index }) => (index === 0 ? 'changed' : others[index - 1]?.conflict));
      return conflicts.includes('changed') ? 'changed' : conflicts.includes('taken') ? 'taken' : 'full';
    }
  };

  const unchanged = ({ revision }: VmRecord) => (revision === 0 ? { absent: true as const } : { equals: { revision } });

  return {
    load: async (workspaceId) => {
      const item = await table.get(vmKey(workspaceId));
      return item && recordOf(item);
    },
    save: async (record, options = {}) => {
      const written = { ...record, revision: record.revision + 1 };
      const { workspaceId } = record;
      const list = workListOf(written);
      const item = vmItems.item(vmKey(workspaceId), {
        ...written,
        owned: ownedOf(written),
        allPk: shardedPartition('vms', workspaceId),
        allSk: workspaceId,
        ...(list === undefined
          ? {}
          : { duePk: shardedPartition(workListPartition(list), workspaceId), dueSk: `${record.begun} ${workspaceId}` }),
      });
      return (await write({ put: item, when: unchanged(record) }, changes(record, options))) ?? written;
    },
    remove: (record, options = {}) =>
      write({ delete: vmKey(record.workspaceId), when: unchanged(record) }, changes(record, options)),
    count: async (pool) => {
      const item = await table.get(poolKey(pool));
      const number = (name: string) => Number(item?.[name] ?? 0);
      return { leased: number('leased'), waiting: number('waiting'), spares: number('spares') };
    },
    setSpareLimit: async (pool, seen, spares, cap) => {
      const amount = spares - seen.spares;
      const equals = seen.spares === 0 && amount > 0 ? {} : { equals: { spares: seen.spares } };
      const when = { ...equals, ...(amount > 0 ? { atMost: { total: cap - amount } } : {}) };
      const change: Change = { add: poolKey(pool), amounts: { spares: amount, total: amount }, when };
      return (await write(change, [])) === undefined;
    },
    listWork: async (list) => {
      const items = await Array.fromAsync(everyShardedItem(table, { index: 'due', name: workListPartition(list) }));
      return items.map(({ dueSk }) => {
        const [begun = '', workspaceId = ''] = String(dueSk).split(' ');
        return { begun, workspaceId };
      });
    },
    async *listOwned() {
      for await (const { owned } of everyShardedItem(table, { index: 'all', name: 'vms' }))
        yield owned as unknown as Owned;
    },
  };
};
