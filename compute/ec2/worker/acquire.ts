import type { VmPool } from '../../../contracts/settings/vm.ts';
import type { Group, GroupMember } from '../aws/auto-scaling-group.ts';
import { changeState, type Ec2Context, msSince } from '../context.ts';
import { requirementsOf, reserveLaunch } from '../leases/launch.ts';
import type { SaveOptions } from '../leases/lease-store.ts';
import { countStarting, selectSpares } from '../leases/select-instance.ts';
import type { VmRecord } from '../leases/vm-record.ts';
import { sparesAt } from '../pools/spares.ts';

/** A stopped instance of the warm pool boots within about 21 s. After this long the start no longer waits for it. */
const spareTimeoutMs = 90_000;
/** For this long a group that grows may not list its new instances. */
const growthVisibleMs = 15_000;

/** How many instances may be launched one by one. */
interface LaunchBudget {
  launches: number;
}

/**
 * Leases the spares of a pool to the starts that need an instance, in their order. For the rest the group grows, which
 * takes one request for any number; a few are launched one by one, which is quicker and can choose type and zone.
 * Returns the records that have leased an instance.
 */
export const acquireInstances = async (
  context: Ec2Context,
  pool: VmPool,
  seekers: readonly VmRecord[],
  budget: LaunchBudget,
): Promise<VmRecord[]> => {
  const group = await context.groups.describe(pool);
  const spares = new Map(group.members.map((member) => [member.instanceId, member]));
  const served: VmRecord[] = [];
  const left: VmRecord[] = [];
  for (const record of seekers) {
    const outcome = await claimSpare(context, pool, record, spares);
    if (outcome === undefined) left.push(record);
    else if (outcome !== 'changed') served.push(outcome);
  }
  if (left.length > 0) await provideInstances(context, pool, { ...group, members: [...spares.values()] }, left, budget);
  return served;
};

/** Tries to lease one spare after the other; `undefined` when none is left. */
const claimSpare = async (
  context: Ec2Context,
  pool: VmPool,
  record: VmRecord,
  spares: Map<string, GroupMember>,
): Promise<VmRecord | 'changed' | undefined> => {
  for (const spare of selectSpares([...spares.values()], requirementsOf(context, record))) {
    const outcome = await claimInstance(context, pool, record, spare);
    if (outcome === 'full') return undefined;
    if (outcome === 'changed') return outcome;
    spares.delete(spare.instanceId);
    if (outcome !== 'taken') return outcome;
  }
  return undefined;
};

/**
 * Writes the lease, the workspace's record and the pool's count in one transaction, so that no two workspaces lease the
 * same instance and the pool stays within its cap. Below the cap the group replaces the spare; at the cap it shrinks.
 */
const claimInstance = async (context: Ec2Context, { cap, name }: VmPool, record: VmRecord, spare: GroupMember) => {
  const { instanceId, instanceType, zone } = spare;
  const isWaiting = record.state === 'waiting';
  const leaseAs = (leaves: 'refill' | 'shrink', also: SaveOptions) => {
    const machine = { instanceId, instanceType, zone, leaves };
    return context.leases.save(changeState(context, record, { state: 'leased', machine }), { ...also, lease: machine });
  };
  const count = { leased: 1, ...(isWaiting ? { waiting: -1 } : {}) };
  // For a start that waited, the group already grew by one.
  const first = await leaseAs(isWaiting ? 'shrink' : 'refill', { count: { ...count, within: cap } });
  if (first !== 'full') return first;
  const { spares } = await context.leases.count(name);
  return spares === 0 ? first : leaseAs('shrink', { count: { ...count, spares: -1 }, expectedSpares: spares });
};

const provideInstances = async (
  context: Ec2Context,
  pool: VmPool,
  group: Group,
  left: readonly VmRecord[],
  budget: LaunchBudget,
): Promise<void> => {
  const warm = group.warm === 0 ? [] : await context.groups.listWarmPool(pool);
  const members = [...group.members, ...warm];
  let { waiting } = await context.leases.count(pool.name);
  for (const [rank, record] of left.entries()) {
    const requirements = requirementsOf(context, record);
    const more = countStarting(members, requirements);
    if (record.state === 'waiting') {
      const waited = msSince(context, record.since);
      if (waited < (more > 0 ? spareTimeoutMs : growthVisibleMs)) continue;
    } else {
      const isGroupType = requirements.instanceTypes.includes(pool.instanceTypes[0] ?? '');
      if (more > waiting || (budget.launches < 1 && isGroupType)) {
        const saved = await context.leases.save(changeState(context, record, { state: 'waiting' }), {
          count: { waiting: 1 },
        });
        if (typeof saved !== 'string') waiting += 1;
        continue;
      }
    }
    if (budget.launches < 1) continue;
    const begun = await reserveLaunch(context, record);
    if (begun === 'full') await markPoolFull(context, pool, record, rank);
    else if (typeof begun !== 'string') budget.launches -= 1;
  }
  await growGroup(context, pool, group);
};

/**
 * At the cap nothing may be launched, but the group's own instances may still boot: fail only the starts beyond their
 * number.
 */
const markPoolFull = async (context: Ec2Context, { name }: VmPool, record: VmRecord, rank: number): Promise<void> => {
  const { spares } = await context.leases.count(name);
  const maySucceed =
    spares > 0 && (rank < spares || msSince(context, record.admitted ?? record.begun) < spareTimeoutMs);
  if (maySucceed) return;
  const count = record.state === 'waiting' ? { waiting: -1 } : {};
  await context.leases.save(changeState(context, record, { state: 'wanted', full: true }), { count });
};

/**
 * Grows the group by one instance for each start that waits, within the cap; the limit in the table rises first.
 * Resizing (pools/resize-pool.ts) removes instances that turn out to be too many.
 */
const growGroup = async (context: Ec2Context, pool: VmPool, group: Group): Promise<void> => {
  const count = await context.leases.count(pool.name);
  if (count.waiting === 0) return;
  const wanted = sparesAt(pool.spares, context.clock()).running + count.waiting;
  const prepared = Math.max(count.spares, Math.min(wanted, pool.cap - count.leased));
  if (prepared > count.spares && !(await context.leases.setSpareLimit(pool.name, count, prepared, pool.cap))) return;
  if (group.prepared < prepared) await context.groups.setPreparedCapacity(pool, prepared);
  const desired = Math.min(wanted, prepared);
  if (group.desired < desired) await context.groups.setDesiredCapacity(pool, desired);
};
