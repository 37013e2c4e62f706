import { createHash } from 'node:crypto';
import { candidates, coming, type GroupMember, launchOptions, optionAfter, type Wish, wishOf } from './choose.ts';
import { codeOf, isCapacityCode, noCapacity, poolIsFull, triedInWords } from './explain.ts';
import type { Group } from './group.ts';
import type { Also, VmRecord } from './lease.ts';
import { groupSizeFor, sparesAt } from './spares.ts';
import { poolOf } from './spec.ts';
import { tagsOf } from './tags.ts';
import { again, inState, type Move, msSince, next, overtaken, type VmRun, type World } from './world.ts';

/** A stopped machine of the warm pool is up after about 21 s; one that takes so much longer is not waited for. */
const spareMs = 90_000;
/** While others take all the spares that were seen, the group brings up new ones; for so long they are looked for. */
const contestedMs = 10_000;

const leavesWaiting = ({ state }: VmRecord): Pick<NonNullable<Also['count']>, 'waiting'> =>
  state === 'waiting' ? { waiting: -1 } : {};

/** One step towards a machine: a spare that runs, else one that comes up, else a launch of its own. */
export const take = async (world: World, run: VmRun, record: VmRecord): Move => {
  const pool = poolOf(world.settings, record.pool);
  const wish = wishOf(pool, run.spec.size, record.home?.zone, record.workspaceId);
  if (record.state === 'launching') return launch(world, run, record, wish);
  const group = await world.groups.look(pool);
  const spares = candidates(group.members, wish);
  const claimed = await claimOne(world, record, spares);
  if (claimed !== undefined) return claimed;
  if (spares.length > 0 && msSince(world, record.begun) < contestedMs) return overtaken();
  const warm = group.warm === 0 ? [] : await world.groups.warmMembers(pool);
  const more = coming([...group.members, ...warm], wish);
  if (record.state === 'waiting') {
    const isWorthIt = more > 0 && msSince(world, record.since) < spareMs;
    return isWorthIt ? keepWaiting(world, record, group) : beginLaunch(world, record, wish);
  }
  const { waiting } = await world.leases.count(pool.name);
  return more > waiting ? beginWaiting(world, record) : beginLaunch(world, record, wish);
};

/** Tries one spare after the other until one is this workspace's; `undefined` when none is to be had. */
const claimOne = async (
  world: World,
  record: VmRecord,
  spares: readonly GroupMember[],
): Promise<Awaited<Move> | undefined> => {
  for (const spare of spares) {
    const outcome = await claim(world, record, spare);
    if (outcome === 'taken') continue;
    if (outcome === 'full') return undefined;
    return outcome === 'changed' ? overtaken() : next('A running VM was leased.');
  }
  return undefined;
};

/**
 * The lease, the workspace's record and the pool's count are one transaction: no two workspaces get one machine, and no
 * machine is taken over the cap. Below the cap the group replaces the spare; at the cap it goes without.
 */
const claim = async (world: World, record: VmRecord, spare: GroupMember) => {
  const { instanceId, instanceType, zone } = spare;
  const { cap, name } = poolOf(world.settings, record.pool);
  const take = (leaves: 'refill' | 'shrink', also: Also) => {
    const machine = { instanceId, instanceType, zone, leaves };
    return world.leases.save(inState(world, record, { state: 'leased', machine }), { ...also, lease: machine });
  };
  const moved = { leased: 1, ...leavesWaiting(record) };
  // Whoever waited had the group run one machine more for it.
  const first = await take(record.state === 'waiting' ? 'shrink' : 'refill', { count: { ...moved, within: cap } });
  if (first !== 'full') return first;
  const { spares } = await world.leases.count(name);
  return spares === 0 ? first : take('shrink', { count: { ...moved, spares: -1 }, seen: spares });
};

const beginWaiting = async (world: World, record: VmRecord): Move => {
  const saved = await world.leases.save(inState(world, record, { state: 'waiting' }), { count: { waiting: 1 } });
  return typeof saved === 'string' ? overtaken() : next('Waiting for a spare VM to come up.');
};

const keepWaiting = async (world: World, { pool: name }: VmRecord, group: Group): Move => {
  const pool = poolOf(world.settings, name);
  const count = await world.leases.count(name);
  const { desired } = groupSizeFor(sparesAt(pool.spares, world.clock()), count, pool.cap);
  const asked = Math.min(desired, count.spares);
  if (group.desired < asked) await world.groups.setDesired(pool, asked);
  return again('Waiting for a spare VM to come up.', 1_000);
};

// ---- a launch of its own -------------------------------------------------------------------------------------------

/** Other for each run of a build, or a later run would be answered the machine of an earlier one. */
const tokenOf = ({ build, begun }: VmRecord, index: number): string =>
  createHash('sha256').update(`${build.id} ${begun} ${index}`).digest('hex');

/** The way with this number is written down before it is tried, so that a step that dies is taken up where it was. */
const tryingOption = (world: World, record: VmRecord, wish: Wish, index: number, tried: string[]): VmRecord => {
  const option = launchOptions(poolOf(world.settings, record.pool), wish)[index];
  const token = option && tokenOf(record, index);
  return inState(world, record, { state: 'launching', launch: { index, option, token, tried } });
};

const beginLaunch = async (world: World, record: VmRecord, wish: Wish): Move => {
  const { cap, name } = poolOf(world.settings, record.pool);
  const { index = 0, tried = [] } = record.launch ?? {};
  const launching = tryingOption(world, record, wish, index, tried);
  const count = { leased: 1, ...leavesWaiting(record), within: cap };
  const saved = await world.leases.save(launching, { count });
  if (saved !== 'full') return typeof saved === 'string' ? overtaken() : next('No spare fits; a VM is launched.');
  // At the cap nothing may be launched, but the group's own machines may still come up.
  const { spares } = await world.leases.count(name);
  if (spares > 0 && msSince(world, record.begun) < spareMs) return again('Waiting for a spare VM to come up.', 1_000);
  throw poolIsFull(name, cap);
};

const launch = async (world: World, run: VmRun, record: VmRecord, wish: Wish): Move => {
  const pool = poolOf(world.settings, record.pool);
  const { index = 0, option, token, tried = [] } = record.launch ?? {};
  if (option === undefined || token === undefined) throw noCapacity(pool.name, tried, record.home?.zone);
  try {
    const vm = await world.vms.launch(pool, option, token, tagsOf(world.settings, run));
    const machine = { instanceId: vm.instanceId, instanceType: option.instanceType, zone: option.zone };
    const saved = await world.leases.save(inState(world, record, { state: 'leased', machine }), { lease: machine });
    return typeof saved === 'string' ? overtaken() : again('The VM boots.', 1_000);
  } catch (error) {
    const code = codeOf(error);
    if (!isCapacityCode(code)) throw error;
    const refused = [...tried, triedInWords(option, code)];
    const then = optionAfter(launchOptions(pool, wish), index, code);
    await world.leases.save(tryingOption(world, record, wish, then, refused));
    return next(`${triedInWords(option, code)}; another way is tried.`);
  }
};
