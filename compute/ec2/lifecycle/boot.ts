import { BerthError } from '../../../core/errors.ts';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { again, settled } from '../../progress.ts';
import { describeAttempt, errorCode, isCapacityCode, noCapacity } from '../aws/errors.ts';
import type { ObservedVm } from '../aws/instances.ts';
import { changeState, conflicted, type Ec2Context, isoNow, msSince, proceed, type VmRun } from '../context.ts';
import { requirementsFor } from '../leases/select-instance.ts';
import type { LeasedInstance, VmRecord } from '../leases/vm-record.ts';
import { poolOf } from '../spec.ts';
import { adoptRestoredVolume, attachHome, createHome, tagInstance } from './home.ts';

/** A boot takes 16 to 21 s. */
const bootTimeoutMs = 300_000;
/** The wait for the worker's next observation of the VM. */
const observeMs = 300;
/** EC2 is eventually consistent: for this long it may not know an instance or volume that it has just created. */
const unknownMs = 60_000;

/**
 * Advances the start of the leased instance until it runs with its home attached; from there its boot script
 * (user-data/) takes over. Decides by what the worker last observed (worker/worker.ts), so that most calls make no
 * request to EC2.
 */
export const bootVm = async (context: Ec2Context, run: VmRun, record: VmRecord): Promise<Progress> => {
  if (record.up === true) return checkRunning(context, record);
  const { vm, volume } = record.seen ?? {};
  if (record.machine?.leaves !== undefined) return again('The VM is being detached from its group.', observeMs);
  if (vm === undefined) return again('Looking up the VM.', observeMs);
  if (vm === null && msSince(context, record.since) < unknownMs) return again('The VM is being created.', 1_000);
  if (vm === null || isTerminating(vm)) return replaceInstance(context, record, vm);
  if (vm.state === 'stopped' && record.alone === undefined) return again('The VM is being started.', 1_000);
  if (vm.state === 'stopped') return startInstance(context, run, record, vm);
  if (vm.state !== 'running') return awaitBoot(context, record, vm);
  if (!vm.guarded) return enforceMetadataOptions(context, record, vm);
  if (record.home === undefined) return createHome(context, run, record, vm);
  if (volume === undefined) return again('Looking up the home.', observeMs);
  if (volume === null && msSince(context, record.since) < unknownMs) return again('The home is being created.', 1_000);
  if (volume === null) return adoptRestoredVolume(context, record, record.home.volumeId);
  return attachHome(context, run, record, vm, volume);
};

/** For a VM that ran with its home: queries EC2 itself, because the worker no longer observes it. */
const checkRunning = async (context: Ec2Context, record: VmRecord): Promise<Progress> => {
  const vm = await context.vms.describe((record.machine as LeasedInstance).instanceId);
  if (vm?.state === 'running') return settled('The VM is running with its home attached.');
  const saved = await context.leases.save(changeState(context, record, { up: undefined, admitted: isoNow(context) }));
  return typeof saved === 'string' ? conflicted() : proceed('The VM stopped running. Checking it.');
};

const enforceMetadataOptions = async (context: Ec2Context, record: VmRecord, vm: ObservedVm): Promise<Progress> => {
  await context.vms.enforceMetadataOptions(vm.instanceId);
  const saved = await context.leases.save({ ...record, seen: { ...record.seen, vm: { ...vm, guarded: true } } });
  return typeof saved === 'string' ? conflicted() : proceed('The VM’s metadata options were set.');
};

const isTerminating = ({ state }: ObservedVm): boolean => state === 'terminated' || state === 'shutting-down';

const awaitBoot = async (
  context: Ec2Context,
  { since, starting }: VmRecord,
  { instanceId, state }: ObservedVm,
): Promise<Progress> => {
  if (msSince(context, starting ?? since) < bootTimeoutMs) return again(`The VM is ${state}.`, 1_000);
  throw new BerthError(
    'compute_failed',
    `The VM ${instanceId} did not boot within ${bootTimeoutMs / 60_000} minutes.`,
    { remedy: "Start again. If the problem persists, ask your administrator to check the pool's image." },
  );
};

/**
 * The instance terminated before the workspace could use it: end its lease and acquire another one, or try the next
 * launch option.
 */
const replaceInstance = async (context: Ec2Context, record: VmRecord, vm: ObservedVm | null): Promise<Progress> => {
  const { launch, machine } = record;
  const option = launch?.option;
  const tried = [...(launch?.tried ?? []), ...(option ? [describeAttempt(option, vm?.reason ?? 'it terminated')] : [])];
  const wanted = changeState(context, record, {
    state: 'wanted',
    machine: undefined,
    seen: undefined,
    starting: undefined,
    alone: undefined,
    launch: launch && { index: launch.index + 1, tried },
  });
  const saved = await context.leases.save(wanted, { end: machine, count: { leased: -1 } });
  return typeof saved === 'string'
    ? conflicted()
    : proceed('The VM terminated before it was ready. Acquiring another one.');
};

/** Starts a stopped instance. Without capacity for its type, changes it to another type of its pool. */
const startInstance = async (context: Ec2Context, run: VmRun, record: VmRecord, vm: ObservedVm): Promise<Progress> => {
  const { spec } = run;
  const { pool: name, home, alone = '' } = record;
  const pool = poolOf(context.settings, name);
  const { instanceTypes } = requirementsFor(pool, spec.size, vm.zone, vm.instanceId);
  // The instance still has the tags of its previous build, and would mount the home at that build's path.
  if (home !== undefined) await tagInstance(context, run, vm, home.volumeId);
  const isWanted = spec.size === undefined && instanceTypes.includes(vm.instanceType);
  const all = isWanted ? [...new Set([vm.instanceType, ...instanceTypes])] : instanceTypes;
  const isTried = (instanceType: string) => instanceType === vm.instanceType && isCapacityCode(alone);
  const types = all.filter((instanceType) => !isTried(instanceType));
  const tried = all.filter(isTried).map((instanceType) => describeAttempt({ instanceType, zone: vm.zone }, alone));
  let current = vm.instanceType;
  for (const instanceType of types) {
    if (instanceType !== current) await context.vms.resize(vm.instanceId, instanceType);
    current = instanceType;
    try {
      await context.vms.start([vm.instanceId]);
      await context.leases.save({ ...record, seen: undefined, alone: '', starting: isoNow(context) });
      return again('The VM is booting.', 1_000);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'IncorrectInstanceState') return again('The VM cannot be started at the moment.', 1_000);
      if (!isCapacityCode(code)) throw error;
      tried.push(describeAttempt({ instanceType, zone: vm.zone }, code));
    }
  }
  throw noCapacity(name, tried, vm.zone);
};
