import { BerthError } from '../../core/errors.ts';
import type { VmRecord } from './lease.ts';
import { leaveGroup } from './leave.ts';
import type { SeenVm } from './vm.ts';
import { again, inState, type Move, msSince, next, overtaken, settled, type World } from './world.ts';

/** An operating system that does not come down in this time is not asked any more. */
const forceMs = 180_000;
const givenUpMs = 900_000;
/** For so long EC2 may not yet show a machine that it launched. */
const unknownMs = 30_000;

/**
 * One step towards no machine running. `keep`: a persistent one is stopped. Otherwise it is ended, so that what one
 * workspace left on it never meets another.
 */
export const end = async (world: World, record: VmRecord, keep: boolean): Move => {
  if (record.state === 'wanted' || record.state === 'waiting') return giveUp(world, record);
  if (record.state === 'stopped' && (keep || record.machine === undefined)) return settled('No VM runs.');
  if (record.state !== 'ending') return begin(world, record);
  if (msSince(world, record.since) > givenUpMs) throw stuck(record);
  if (record.machine === undefined) return endLaunch(world, record);
  const [vm, left] = await Promise.all([world.vms.look(record.machine.instanceId), leaveGroup(world, record)]);
  if (left === 'changed') return overtaken();
  if (vm === undefined && msSince(world, record.since) < unknownMs) return again('The VM is being looked for.', 1_000);
  if (vm === undefined || vm.state === 'terminated') return release(world, left === 'staying' ? record : left);
  if (left === 'staying') return again('The VM leaves its group.', 500);
  return keep ? stop(world, left, vm) : terminate(world, vm);
};

const begin = async (world: World, record: VmRecord): Move => {
  const saved = await world.leases.save(inState(world, record, { state: 'ending' }));
  return typeof saved === 'string' ? overtaken() : next('The VM is being ended.');
};

const giveUp = async (world: World, record: VmRecord): Move => {
  const count = record.state === 'waiting' ? { waiting: -1 } : {};
  const saved = await world.leases.save(inState(world, record, { state: 'stopped' }), { count });
  return typeof saved === 'string' ? overtaken() : settled('No VM was taken yet.');
};

/** A launch that was canceled may have made a machine that nobody has written down. */
const endLaunch = async (world: World, record: VmRecord): Move => {
  const { option, token } = record.launch ?? {};
  const vm = token === undefined ? undefined : await world.vms.findLaunched(token);
  if (vm === undefined) {
    const mayCome = token !== undefined && msSince(world, record.since) < unknownMs;
    return mayCome ? again('A VM that was being launched is looked for.', 2_000) : release(world, record);
  }
  const machine = { instanceId: vm.instanceId, instanceType: vm.instanceType, zone: option?.zone ?? vm.zone };
  const saved = await world.leases.save({ ...record, machine }, { lease: machine });
  return typeof saved === 'string' ? overtaken() : next('The VM that was being launched is ended.');
};

const release = async (world: World, record: VmRecord): Move => {
  const freed = inState(world, record, { state: 'stopped', machine: undefined, launch: undefined });
  const saved = await world.leases.save(freed, { end: record.machine, count: { leased: -1 } });
  return typeof saved === 'string' ? overtaken() : settled('The VM is gone.');
};

const terminate = async (world: World, { instanceId, state }: SeenVm): Move => {
  if (state !== 'shutting-down') await world.vms.terminate(instanceId);
  return again('The VM is being ended.', 1_000);
};

const stop = async (world: World, record: VmRecord, vm: SeenVm): Move => {
  if (vm.state === 'stopped') {
    const saved = await world.leases.save(inState(world, record, { state: 'stopped' }));
    return typeof saved === 'string' ? overtaken() : settled('The VM is stopped.');
  }
  const isLate = msSince(world, record.since) > forceMs;
  if (vm.state === 'running' || (vm.state === 'stopping' && isLate)) await world.vms.stop(vm.instanceId, isLate);
  // One that never boots can only be ended; the home is on its own volume.
  if (vm.state === 'pending' && isLate) await world.vms.terminate(vm.instanceId);
  return again('The VM is being stopped.', 1_000);
};

const stuck = ({ machine }: VmRecord): BerthError =>
  new BerthError(
    'compute_failed',
    `AWS has not ended the VM${machine === undefined ? '' : ` ${machine.instanceId}`} within ${givenUpMs / 60_000} minutes. Ask your administrator to look at it in EC2, and stop the workspace again.`,
  );
