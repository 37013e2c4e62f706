import type { Ec2Context } from '../context.ts';
import { poolOf } from '../spec.ts';
import type { VmRecord } from './vm-record.ts';

/**
 * Detaches a leased instance from the pool's group, so that neither scale-in nor an instance refresh nor a health check
 * terminates it. Returns the updated record, or `pending` when the instance cannot be detached at the moment.
 */
export const detachFromGroup = async (
  context: Ec2Context,
  record: VmRecord,
): Promise<VmRecord | 'pending' | 'conflict'> => {
  const { machine } = record;
  if (machine?.leaves === undefined) return record;
  const pool = poolOf(context.settings, record.pool);
  if (machine.leaves === 'shrink') {
    // Before the detachment, or the warm pool would replace the instance.
    const { spares } = await context.leases.count(pool.name);
    await context.groups.setPreparedCapacity(pool, spares);
  }
  if (!(await context.groups.detach(pool, machine.instanceId, machine.leaves))) return 'pending';
  const { leaves: _, ...free } = machine;
  const saved = await context.leases.save({ ...record, machine: free });
  return typeof saved === 'string' ? 'conflict' : saved;
};
