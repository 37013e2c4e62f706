import type { VmPool } from '../../contracts/vm-settings.ts';
import { groupSizeFor, sparesAt } from './spares.ts';
import type { World } from './world.ts';

/**
 * Brings a pool's group to the size that its schedule, its leases and its cap ask for. The table allows more before the
 * group grows, and less only once the group has shrunk: so spares and leases together never exceed the cap.
 */
export const keepPool = async (world: World, pool: VmPool): Promise<void> => {
  const { leases, groups, clock } = world;
  const [before, group] = await Promise.all([leases.count(pool.name), groups.look(pool)]);
  const size = groupSizeFor(sparesAt(pool.spares, clock()), before, pool.cap);
  if (size.prepared > before.spares && !(await leases.allow(pool.name, before, size.prepared, pool.cap))) return;
  if (group.prepared !== size.prepared) await groups.setPrepared(pool, size.prepared);
  if (group.desired !== size.desired) await groups.setDesired(pool, size.desired);
  const holds = group.members.length + group.warm;
  if (size.prepared < before.spares && holds <= size.prepared) {
    await leases.allow(pool.name, before, size.prepared, pool.cap);
  }
};
