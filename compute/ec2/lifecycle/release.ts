import { BerthError } from '../../../core/errors.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { again, settled } from '../../progress.ts';
import type { ObservedVm } from '../aws/instances.ts';
import { changeState, conflicted, type Ec2Context, msSince, proceed } from '../context.ts';
import { detachFromGroup } from '../leases/detach.ts';
import { endLease, eventualConsistencyMs, isInstanceGone } from '../leases/end-lease.ts';
import type { VmRecord } from '../leases/vm-record.ts';
import { runEndWorker } from '../worker/worker.ts';

/** After this long the stop is forced, without a shutdown of the operating system. */
const forceStopAfterMs = 180_000;
const releaseTimeoutMs = 900_000;
/** The wait for the worker's next observation of the VM. */
const observeMs = 300;
/** For this long a batch that is under way may still start the instance. */
const lateStartMs = 30_000;

/**
 * Advances the release of the instance, by what the worker last observed. With `keep`, the instance of a persistent
 * workspace is stopped. Otherwise it is terminated: an instance with one workspace's files is never leased to another.
 */
export const releaseVm = async (context: Ec2Context, record: VmRecord, keep: boolean): Promise<Progress> => {
  const isQueued = record.state === 'wanted' || record.state === 'waiting';
  if (isQueued && (keep || record.machine === undefined)) return leaveQueue(context, record);
  if (record.state === 'stopped' && (keep || record.machine === undefined)) return settled('No VM is running.');
  if (record.state !== 'ending') return beginRelease(context, record);
  if (msSince(context, record.since) > releaseTimeoutMs) throw stuck(record);
  if (record.machine === undefined) return endLaunch(context, record);
  const { hasRun: isDone } = await runEndWorker(context, record);
  const current = isDone ? await context.leases.load(record.workspaceId) : record;
  if (current?.state !== 'ending') return conflicted();
  return releaseInstance(context, current, keep);
};

const releaseInstance = async (context: Ec2Context, record: VmRecord, keep: boolean): Promise<Progress> => {
  const detached = await detachFromGroup(context, record);
  if (detached === 'conflict') return conflicted();
  const vm = record.seen?.vm;
  if (vm === undefined) return again('Looking up the VM.', observeMs);
  if (isInstanceGone(context, record)) return endLeaseOf(context, detached === 'pending' ? record : detached);
  if (vm === null) return again('Looking up the VM.', 1_000);
  if (detached === 'pending') return again('The VM is being detached from its group.', 500);
  return keep ? stop(context, detached, vm) : terminate(context, detached, vm);
};

const beginRelease = async (context: Ec2Context, record: VmRecord): Promise<Progress> => {
  const saved = await context.leases.save(
    changeState(context, record, { state: 'ending', up: undefined, seen: undefined }),
  );
  return typeof saved === 'string' ? conflicted() : proceed('The VM is being released.');
};

const leaveQueue = async (context: Ec2Context, record: VmRecord): Promise<Progress> => {
  const count = record.state === 'waiting' ? { waiting: -1 } : {};
  const saved = await context.leases.save(changeState(context, record, { state: 'stopped' }), { count });
  return typeof saved === 'string' ? conflicted() : settled('No VM was acquired.');
};

/** A canceled launch may have created an instance that no record names yet. */
const endLaunch = async (context: Ec2Context, record: VmRecord): Promise<Progress> => {
  const { option, token } = record.launch ?? {};
  const vm = token === undefined ? undefined : await context.vms.findByClientToken(token);
  if (vm === undefined) {
    const mayAppear = token !== undefined && msSince(context, record.since) < eventualConsistencyMs;
    return mayAppear ? again('Looking up a VM whose launch was canceled.', 2_000) : endLeaseOf(context, record);
  }
  const machine = { instanceId: vm.instanceId, instanceType: vm.instanceType, zone: option?.zone ?? vm.zone };
  const saved = await context.leases.save({ ...record, machine }, { lease: machine });
  return typeof saved === 'string' ? conflicted() : proceed('The VM whose launch was canceled is being terminated.');
};

const endLeaseOf = async (context: Ec2Context, record: VmRecord): Promise<Progress> => {
  const saved = await endLease(context, record);
  return typeof saved === 'string' ? conflicted() : settled('The VM no longer exists.');
};

const terminate = async (
  context: Ec2Context,
  record: VmRecord,
  { instanceId, state }: ObservedVm,
): Promise<Progress> => {
  if (state !== 'shutting-down') {
    // Forget the observation: otherwise every call would terminate the instance again until the worker observes it.
    const saved = await context.leases.save({ ...record, seen: undefined });
    if (typeof saved === 'string') return conflicted();
    await context.vms.terminate(instanceId);
  }
  return again('The VM is being terminated.', 1_000);
};

const stop = async (context: Ec2Context, record: VmRecord, vm: ObservedVm): Promise<Progress> => {
  if (vm.state === 'stopped' && record.starting !== undefined && msSince(context, record.starting) < lateStartMs) {
    await context.vms.stop(vm.instanceId, false);
    return again('The VM is being stopped.', 2_000);
  }
  if (vm.state === 'stopped') {
    const saved = await context.leases.save(changeState(context, record, { state: 'stopped' }));
    return typeof saved === 'string' ? conflicted() : settled('The VM is stopped.');
  }
  const isLate = msSince(context, record.since) > forceStopAfterMs;
  if (vm.state === 'running' || (vm.state === 'stopping' && isLate)) await context.vms.stop(vm.instanceId, isLate);
  // EC2 does not stop an instance that is pending. The home is on a volume of its own.
  if (vm.state === 'pending' && isLate) await context.vms.terminate(vm.instanceId);
  return again('The VM is being stopped.', 1_000);
};

const stuck = ({ machine }: VmRecord): BerthError =>
  new BerthError(
    'compute_failed',
    `AWS did not stop or terminate the VM${machine === undefined ? '' : ` ${machine.instanceId}`} within ${releaseTimeoutMs / 60_000} minutes.`,
    { remedy: 'Ask your administrator to check it in EC2, and stop the workspace again.' },
  );
