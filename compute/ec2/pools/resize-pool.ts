import type { VmPool } from '../../../contracts/settings/vm.ts';
import type { Ec2Context } from '../context.ts';
import { groupSizeFor, sparesAt } from './spares.ts';

/**
 * Brings a pool's group to the size that its schedule, leases and cap require. The limit in the table rises before the
 * group grows, and falls only after the group has shrunk, so that spares and leases together stay within the cap.
 */
export const resizePool = async (context: Ec2Context, pool: VmPool): Promise<void> => {
  const { leases, groups, clock } = context;
  const [before, group] = await Promise.all([leases.count(pool.name), groups.describe(pool)]);
  const size = groupSizeFor(sparesAt(pool.spares, clock()), before, pool.cap);
  if (size.prepared > before.spares && !(await leases.setSpareLimit(pool.name, before, size.prepared, pool.cap)))
    return;
  if (group.prepared !== size.prepared) await groups.setPreparedCapacity(pool, size.prepared);
  if (group.desired !== size.desired) await groups.setDesiredCapacity(pool, size.desired);
  const instances = group.members.length + group.warm;
  if (size.prepared < before.spares && instances <= size.prepared) {
    await leases.setSpareLimit(pool.name, before, size.prepared, pool.cap);
  }
};
