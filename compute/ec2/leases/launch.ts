import { createHash } from 'node:crypto';
import type { Progress } from '../../../core/ports/compute-kind.ts';
import { again } from '../../progress.ts';
import { describeAttempt, errorCode, isCapacityCode, noCapacity } from '../aws/errors.ts';
import { tagsOf } from '../aws/tags.ts';
import { changeState, conflicted, type Ec2Context, proceed, type VmRun } from '../context.ts';
import { poolOf } from '../spec.ts';
import type { SaveConflict } from './lease-store.ts';
import { type InstanceRequirements, launchOptions, nextLaunchOption, requirementsFor } from './select-instance.ts';
import type { VmRecord } from './vm-record.ts';

export const requirementsOf = (
  context: Ec2Context,
  { pool, size, home, workspaceId }: VmRecord,
): InstanceRequirements => requirementsFor(poolOf(context.settings, pool), size, home?.zone, workspaceId);

/** Differs for each run of a build: with the same token EC2 would return the instance of the earlier run. */
const clientTokenOf = ({ build, begun }: VmRecord, index: number): string =>
  createHash('sha256').update(`${build.id} ${begun} ${index}`).digest('hex');

/**
 * The option is stored before it is tried, so that after a crash the next call continues with the same client token.
 */
const withLaunchOption = (context: Ec2Context, record: VmRecord, index: number, tried: string[]): VmRecord => {
  const option = launchOptions(poolOf(context.settings, record.pool), requirementsOf(context, record))[index];
  const token = option && clientTokenOf(record, index);
  return changeState(context, record, { state: 'launching', launch: { index, option, token, tried } });
};

/** Reserves a place below the cap. The workspace's next call launches the instance. */
export const reserveLaunch = (context: Ec2Context, record: VmRecord): Promise<VmRecord | SaveConflict> => {
  const { cap } = poolOf(context.settings, record.pool);
  const { index = 0, tried = [] } = record.launch ?? {};
  const waiting = record.state === 'waiting' ? { waiting: -1 } : {};
  return context.leases.save(withLaunchOption(context, record, index, tried), {
    count: { leased: 1, ...waiting, within: cap },
  });
};

/** Launches an instance outside of the pool's group, or moves on to the next launch option. */
export const launchInstance = async (context: Ec2Context, run: VmRun, record: VmRecord): Promise<Progress> => {
  const pool = poolOf(context.settings, record.pool);
  const { index = 0, option, token, tried = [] } = record.launch ?? {};
  if (option === undefined || token === undefined) throw noCapacity(pool.name, tried, record.home?.zone);
  try {
    const vm = await context.vms.launch(pool, option, token, tagsOf(context.settings, run));
    const machine = { instanceId: vm.instanceId, instanceType: option.instanceType, zone: option.zone };
    const saved = await context.leases.save(changeState(context, record, { state: 'leased', machine }), {
      lease: machine,
    });
    return typeof saved === 'string' ? conflicted() : again('The VM boots.', 1_000);
  } catch (error) {
    const code = errorCode(error);
    if (!isCapacityCode(code)) throw error;
    const attempts = [...tried, describeAttempt(option, code)];
    const nextIndex = nextLaunchOption(launchOptions(pool, requirementsOf(context, record)), index, code);
    await context.leases.save(withLaunchOption(context, record, nextIndex, attempts));
    return proceed(`${describeAttempt(option, code)}. Trying another instance type or zone.`);
  }
};
