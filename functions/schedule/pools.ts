import type { VmPools } from '../../compute/ec2/pools.ts';
import type { Clock } from '../../core/ports.ts';
import type { Log } from '../runtime.ts';

export interface PoolRuntime {
  pools: VmPools;
  clock: Clock;
  log: Log;
}

/** The fleet is looked over this often; the pools at every call. */
const healEveryMinutes = 10;

/** Called every minute: keeps spares at their size by schedule, and takes away VMs and volumes that are nobody's. */
export const keepPools = async ({ pools, clock, log }: PoolRuntime): Promise<void> => {
  const attempt = async (of: Record<string, string>, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      log('warn', 'a part of keeping the VM pools failed; the next minute tries again', { ...of, error });
    }
  };
  for (const pool of pools.all) await attempt({ pool: pool.name }, () => pools.keep(pool));
  if (clock().getUTCMinutes() % healEveryMinutes !== 0) return;
  await attempt({ part: 'heal' }, async () => {
    for await (const healed of pools.heal()) log('warn', 'what was left of a VM was taken away', { ...healed });
  });
};
