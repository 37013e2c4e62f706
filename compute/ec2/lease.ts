import type { Change, Clock, Item, Key, Table, Value } from '../../core/ports.ts';
import { WriteConflict } from '../../core/ports.ts';
import type { LaunchOption } from './choose.ts';
import type { PoolCount } from './spares.ts';

/** A machine that a workspace has leased. */
export interface Machine {
  instanceId: string;
  instanceType: string;
  zone: string;
  /** It is still in the pool's group, which is to replace it (`refill`) or to go without (`shrink`) when it leaves. */
  leaves?: 'refill' | 'shrink';
}

/**
 * - `wanted`: a build was begun; nothing is taken yet
 * - `waiting`: for a spare to come up; counted in the pool's `waiting`
 * - `launching`: a machine of its own is being launched; counted in the pool's `leased`, as are all below
 * - `leased`: it has `machine`
 * - `ending`: on the way to `stopped`
 * - `stopped`: a persistent one keeps its `machine` (and its place in `leased`), an ephemeral one has none
 */
export type VmState = 'wanted' | 'waiting' | 'launching' | 'leased' | 'ending' | 'stopped';

/** Everything the kind remembers of a workspace. One item, so that a workspace has one machine at the most. */
export interface VmRecord {
  workspaceId: string;
  build: { id: string; number: number };
  pool: string;
  mode: 'persistent' | 'ephemeral';
  state: VmState;
  /** When `state` began. */
  since: string;
  /** When the build was begun: nothing takes longer than its patience from then on. */
  begun: string;
  machine?: Machine | undefined;
  /** The way that is tried now, by its number among the launch options, and those that were refused, in words. */
  launch?:
    | { index: number; option?: LaunchOption | undefined; token?: string | undefined; tried: string[] }
    | undefined;
  home?: { volumeId: string; zone: string } | undefined;
  /** Rises with every write; 0 before the first. */
  revision: number;
}

const vmKey = (workspaceId: string): Key => ({ pk: `vm#${workspaceId}`, sk: 'vm' });
const poolKey = (pool: string): Key => ({ pk: `vm-pool#${pool}`, sk: 'pool' });
/** Sign-on reads this item: who has the machine is what it says, and nothing else. */
const leaseKey = (instanceId: string): Key => ({ pk: `lease#${instanceId}`, sk: 'lease' });

/** A machine whose lease ended is remembered for so long, lest a late answer of AWS offers it again. */
const rememberedSeconds = 7 * 86_400;

const defined = (record: VmRecord): Record<string, Value> =>
  JSON.parse(JSON.stringify(record)) as Record<string, Value>;

/** Another call changed the workspace's record first, or took the machine. */
export type Lost = 'changed' | 'taken' | 'full';

/** What a write does beside changing the record. */
export interface Also {
  /** Claims a machine that nobody had; lost as `taken`. */
  lease?: Machine;
  /** Writes a newer build into the workspace's own lease. */
  renew?: Machine;
  /** Ends a lease, for ever. */
  end?: Machine | undefined;
  /** Moves the pool's count; `within` is the cap that it must keep, lost as `full`. */
  count?: Partial<PoolCount> & { within?: number };
  /** The spares as they were seen when one of them is given up. */
  seen?: number;
}

export interface Leases {
  load(workspaceId: string): Promise<VmRecord | undefined>;
  /** Writes all or nothing. Answers the record as written, or why nothing was. */
  save(record: VmRecord, also?: Also): Promise<VmRecord | Lost>;
  remove(record: VmRecord, also?: Also): Promise<Lost | undefined>;
  count(pool: string): Promise<PoolCount>;
  /** Changes how many machines the group may hold; `false` when the cap or another writer was first. */
  allow(pool: string, seen: PoolCount, spares: number, cap: number): Promise<boolean>;
  all(): AsyncIterable<VmRecord>;
}

const recordOf = ({ pk, sk, allPk, allSk, ...record }: Item): VmRecord => record as unknown as VmRecord;

const leaseItem = ({ workspaceId, build, pool }: VmRecord, { instanceId }: Machine): Item => ({
  ...leaseKey(instanceId),
  instanceId,
  workspaceId,
  buildId: build.id,
  pool,
  state: 'leased',
});

/** `total` is `leased` and `spares` together, so that one condition keeps the cap. */
const countChange = (pool: string, { count, seen }: Also): Change[] => {
  if (count === undefined) return [];
  const { leased = 0, waiting = 0, spares = 0, within } = count;
  const total = leased + spares;
  const when = {
    ...(within === undefined ? {} : { atMost: { total: within - total } }),
    ...(seen === undefined ? {} : { equals: { spares: seen } }),
  };
  return [{ add: poolKey(pool), amounts: { leased, waiting, spares, total }, when }];
};

/** The tables of leases, over the one table. */
export const leasesIn = (table: Table, clock: Clock): Leases => {
  const changes = (record: VmRecord, also: Also): { change: Change; lost: Lost }[] => [
    ...(also.lease === undefined
      ? []
      : [{ change: { put: leaseItem(record, also.lease), when: { absent: true as const } }, lost: 'taken' as const }]),
    ...(also.renew === undefined
      ? []
      : [
          {
            change: {
              put: leaseItem(record, also.renew),
              when: { equals: { workspaceId: record.workspaceId } },
            },
            lost: 'taken' as const,
          },
        ]),
    ...(also.end === undefined ? [] : [{ change: { put: endedLease(also.end) }, lost: 'changed' as const }]),
    ...countChange(record.pool, also).map((change) => ({ change, lost: 'full' as const })),
  ];

  const endedLease = ({ instanceId }: Machine): Item => ({
    ...leaseKey(instanceId),
    instanceId,
    state: 'ended',
    expires: Math.ceil(clock().getTime() / 1000) + rememberedSeconds,
  });

  const write = async (first: Change, others: { change: Change; lost: Lost }[]): Promise<Lost | undefined> => {
    try {
      await table.write([first, ...others.map(({ change }) => change)]);
      return undefined;
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      const lost = error.lost.map(({ index }) => (index === 0 ? 'changed' : others[index - 1]?.lost));
      return lost.includes('changed') ? 'changed' : lost.includes('taken') ? 'taken' : 'full';
    }
  };

  const unchanged = ({ revision }: VmRecord) => (revision === 0 ? { absent: true as const } : { equals: { revision } });

  return {
    load: async (workspaceId) => {
      const item = await table.get(vmKey(workspaceId));
      return item && recordOf(item);
    },
    save: async (record, also = {}) => {
      const written = { ...record, revision: record.revision + 1 };
      const { workspaceId } = record;
      const item = { ...defined(written), ...vmKey(workspaceId), allPk: 'vms', allSk: workspaceId };
      return (await write({ put: item, when: unchanged(record) }, changes(record, also))) ?? written;
    },
    remove: (record, also = {}) =>
      write({ delete: vmKey(record.workspaceId), when: unchanged(record) }, changes(record, also)),
    count: async (pool) => {
      const item = await table.get(poolKey(pool));
      const number = (name: string) => Number(item?.[name] ?? 0);
      return { leased: number('leased'), waiting: number('waiting'), spares: number('spares') };
    },
    allow: async (pool, seen, spares, cap) => {
      const amount = spares - seen.spares;
      const equals = seen.spares === 0 && amount > 0 ? {} : { equals: { spares: seen.spares } };
      const when = { ...equals, ...(amount > 0 ? { atMost: { total: cap - amount } } : {}) };
      const change: Change = { add: poolKey(pool), amounts: { spares: amount, total: amount }, when };
      return (await write(change, [])) === undefined;
    },
    async *all() {
      let cursor: string | undefined;
      do {
        const query = { index: 'all' as const, pk: 'vms', limit: 100, ...(cursor === undefined ? {} : { cursor }) };
        const page = await table.query(query);
        for (const item of page.items) yield recordOf(item);
        cursor = page.next;
      } while (cursor !== undefined);
    },
  };
};
