import type { VmRecord } from './lease.ts';
import { poolOf } from './spec.ts';
import type { World } from './world.ts';

/**
 * Takes a leased machine out of the pool's group. From then on neither scale-in nor an instance refresh nor a health
 * check ends it. Answers the record as it is then; `staying`: it cannot leave just now.
 */
export const leaveGroup = async (world: World, record: VmRecord): Promise<VmRecord | 'staying' | 'changed'> => {
  const { machine } = record;
  if (machine?.leaves === undefined) return record;
  const pool = poolOf(world.settings, record.pool);
  if (machine.leaves === 'shrink') {
    // First, or the group's warm pool would fill the place that the machine leaves.
    const { spares } = await world.leases.count(pool.name);
    await world.groups.setPrepared(pool, spares);
  }
  if (!(await world.groups.detach(pool, machine.instanceId, machine.leaves))) return 'staying';
  const { leaves: _, ...free } = machine;
  const saved = await world.leases.save({ ...record, machine: free });
  return typeof saved === 'string' ? 'changed' : saved;
};
