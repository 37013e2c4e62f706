import { BerthError } from '../../core/errors.ts';
import { wishOf } from './choose.ts';
import { codeOf, isCapacityCode, noCapacity, triedInWords } from './explain.ts';
import { attachHome, homeIsLost, makeHome } from './home.ts';
import type { Machine, VmRecord } from './lease.ts';
import { leaveGroup } from './leave.ts';
import { poolOf } from './spec.ts';
import type { SeenVm } from './vm.ts';
import { again, inState, type Move, msSince, next, overtaken, type VmRun, type World } from './world.ts';

/** A boot takes 16 to 21 s. One that takes so much longer never ends. */
const bootMs = 300_000;
/** For so long EC2 may not yet know a machine that it has just launched. */
const unknownMs = 60_000;

/** One step towards the leased machine running with its home attached, from which its boot script goes on alone. */
export const bring = async (world: World, run: VmRun, record: VmRecord): Move => {
  const machine = record.machine as Machine;
  const [vm, left, volume] = await Promise.all([
    world.vms.look(machine.instanceId),
    leaveGroup(world, record),
    record.home && world.volumes.look(record.home.volumeId),
  ]);
  if (left === 'changed') return overtaken();
  if (vm === undefined && msSince(world, record.since) < unknownMs) return again('The VM is being made.', 1_000);
  if (vm === undefined || isOver(vm)) return replace(world, record, vm);
  if (left === 'staying') return again('The VM leaves its group.', 500);
  if (vm.state === 'stopped') return start(world, run, record.pool, vm);
  if (vm.state !== 'running') return awaitBoot(world, record, vm);
  if (!vm.guarded) await world.vms.guard(vm.instanceId);
  if (record.home === undefined) return makeHome(world, run, left, vm);
  if (volume === undefined) throw homeIsLost(record.home.volumeId);
  return attachHome(world, run, vm, volume);
};

const isOver = ({ state }: SeenVm): boolean => state === 'terminated' || state === 'shutting-down';

const awaitBoot = async (world: World, { since }: VmRecord, { instanceId, state }: SeenVm): Move => {
  if (msSince(world, since) < bootMs) return again(`The VM is ${state}.`, 1_000);
  throw new BerthError(
    'compute_failed',
    `The VM ${instanceId} did not boot within ${bootMs / 60_000} minutes and was given up. Start again; if it stays, ask your administrator to look at the pool's image.`,
  );
};

/** A machine that went away before it was of use gives its lease back; the next call takes another, or another way. */
const replace = async (world: World, record: VmRecord, vm: SeenVm | undefined): Move => {
  const { launch, machine } = record;
  const option = launch?.option;
  const tried = [...(launch?.tried ?? []), ...(option ? [triedInWords(option, vm?.reason ?? 'it went away')] : [])];
  const wanted = inState(world, record, {
    state: 'wanted',
    machine: undefined,
    launch: launch && { index: launch.index + 1, tried },
  });
  const saved = await world.leases.save(wanted, { end: machine, count: { leased: -1 } });
  return typeof saved === 'string' ? overtaken() : next('The VM went away before it was ready; another one is taken.');
};

/** Starts a stopped machine, as another type of its pool when there is no capacity for its own. */
const start = async (world: World, { spec }: VmRun, name: string, vm: SeenVm): Move => {
  const pool = poolOf(world.settings, name);
  const { instanceTypes } = wishOf(pool, spec.size, vm.zone, vm.instanceId);
  const isWanted = spec.size === undefined && instanceTypes.includes(vm.instanceType);
  const types = isWanted ? [...new Set([vm.instanceType, ...instanceTypes])] : instanceTypes;
  const tried: string[] = [];
  let current = vm.instanceType;
  for (const instanceType of types) {
    if (instanceType !== current) await world.vms.resize(vm.instanceId, instanceType);
    current = instanceType;
    try {
      await world.vms.start(vm.instanceId);
      return again('The VM boots.', 1_000);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'IncorrectInstanceState') return again('The VM is not to be started just now.', 1_000);
      if (!isCapacityCode(code)) throw error;
      tried.push(triedInWords({ instanceType, zone: vm.zone }, code));
    }
  }
  throw noCapacity(name, tried, vm.zone);
};
