import type { VmPool } from '../../contracts/vm-settings.ts';
import { type Healed, heal } from './heal.ts';
import { keepPool } from './keep.ts';
import { type Ec2VmOptions, worldOf } from './world.ts';

/** What keeps the pools right beside the single workspaces; see functions/schedule/pools.ts. */
export interface VmPools {
  all: readonly VmPool[];
  /** Brings one pool to its size. Changes nothing when it has it. */
  keep(pool: VmPool): Promise<void>;
  /** Takes away what belongs to nobody. Looks at the whole fleet. */
  heal(): AsyncIterable<Healed>;
}

export const ec2VmPools = (options: Ec2VmOptions): VmPools => {
  const world = worldOf(options);
  return { all: options.settings.pools, keep: (pool) => keepPool(world, pool), heal: () => heal(world) };
};
