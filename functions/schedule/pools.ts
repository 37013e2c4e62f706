import type { Log } from '../../base/log.ts';
import { type HomeRules, reportHome } from '../../core/homes/report.ts';
import type { Key } from '../../core/ports/table.ts';
import type { CollectedPage, FleetCursor, VmPools } from '../../core/ports/vm-pools.ts';
import { fromItem, toItem } from '../../core/table/item.ts';

export interface PoolRuntime {
  pools: VmPools;
  rules: HomeRules;
  log: Log;
}

/** The fleet is looked over this often; the pools at every call. */
const healEveryMinutes = 10;
/** Pages are begun for so long; the function may run for 55 s. */
const budgetMs = 40_000;
const placeKey: Key = { pk: 'sweep', sk: 'vms' };

/**
 * Called every minute: keeps spares at their size by schedule, ends VMs that are nobody's, and sets such volumes aside.
 */
export const keepPools = async ({ pools, rules, log }: PoolRuntime): Promise<void> => {
  const until = rules.clock().getTime() + budgetMs;
  const attempt = async (of: Record<string, string>, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      log('warn', 'a part of keeping the VM pools failed; the next minute tries again', { ...of, error });
    }
  };
  for (const pool of pools.all) await attempt({ pool: pool.name }, () => pools.resize(pool));
  await attempt({ part: 'heal' }, () => healFleet({ pools, rules, log }, until));
};

/** Goes on where the minute before ran out of time, with a page of the fleet at the least. */
const healFleet = async (runtime: PoolRuntime, until: number): Promise<void> => {
  const { pools, rules } = runtime;
  const { table, clock } = rules;
  const before = await table.get(placeKey);
  if (before === undefined && clock().getUTCMinutes() % healEveryMinutes !== 0) return;
  let place = before && fromItem<{ place: FleetCursor }>(before).place;
  do {
    const page = await pools.collectGarbage(place);
    await tell(runtime, page);
    place = page.next;
    // After each page: a function that AWS ends is taken up where it was.
    await table.write([place === undefined ? { delete: placeKey } : { put: toItem(placeKey, { place }) }]);
  } while (place !== undefined && clock().getTime() < until);
};

const tell = async ({ rules, log }: PoolRuntime, { collected, failures }: CollectedPage): Promise<void> => {
  for (const { what, id, workspaceId, mark, knownAs, known } of collected) {
    const fields = { what, id, workspace: workspaceId };
    try {
      if (mark !== undefined) await reportHome(rules, { workspaceId, kind: 'ec2-vm', ...mark, knownAs });
    } catch (error) {
      // For example an unreadable record of this home: it must not end the garbage collection of all others.
      log('warn', 'a quarantined home could not be listed', { workspace: workspaceId, error });
    }
    if (known !== true) log('warn', 'AWS held a VM or a volume that no workspace names', fields);
  }
  for (const error of failures) {
    log('warn', 'a VM or a volume that no workspace names could not be taken care of; in ten minutes again', { error });
  }
};
