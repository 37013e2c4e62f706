import type { Log } from '../../base/log.ts';
import { type HomeRules, reportHome } from '../../core/homes/report.ts';
import type { Key } from '../../core/ports/table.ts';
import type { CollectedPage, FleetCursor, VmPools } from '../../core/ports/vm-pools.ts';
import { ItemKind } from '../../core/table/item-kind.ts';

export interface PoolRuntime {
  pools: VmPools;
  rules: HomeRules;
  log: Log;
}

/** The time between two garbage collections. The pools are resized at every call. */
const garbageMinutes = 10;
/** No page of the garbage collection begins after this time; the function's timeout is 55 s. */
const budgetMs = 40_000;
const cursorKey: Key = { pk: 'sweep', sk: 'vms' };

/** No field is required: a damaged cursor begins a new garbage collection instead of failing every call. */
export const fleetCursorItems = new ItemKind<{ place?: FleetCursor }>('fleet cursor', {});

/**
 * Called every minute: resizes the pools by their schedules, deletes VMs that no workspace uses, and quarantines such
 * volumes.
 */
export const maintainPools = async ({ pools, rules, log }: PoolRuntime): Promise<void> => {
  const until = rules.clock().getTime() + budgetMs;
  const attempt = async (of: Record<string, string>, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      log('warn', 'a part of the pool maintenance failed; the next call, in a minute, tries again', { ...of, error });
    }
  };
  for (const pool of pools.all) await attempt({ pool: pool.name }, () => pools.resize(pool));
  await attempt({ part: 'collectGarbage' }, () => collectGarbage({ pools, rules, log }, until));
};

/** Continues where the previous call ran out of time, with at least one page of the fleet. */
const collectGarbage = async (runtime: PoolRuntime, until: number): Promise<void> => {
  const { pools, rules } = runtime;
  const { table, clock } = rules;
  const item = await table.get(cursorKey);
  if (item === undefined && clock().getUTCMinutes() % garbageMinutes !== 0) return;
  let cursor = item && fleetCursorItems.read(item).place;
  do {
    const page = await pools.collectGarbage(cursor);
    await report(runtime, page);
    cursor = page.next;
    // Stored after each page, so that the next call continues there even if this one is aborted.
    const change =
      cursor === undefined ? { delete: cursorKey } : { put: fleetCursorItems.item(cursorKey, { place: cursor }) };
    await table.write([change]);
  } while (cursor !== undefined && clock().getTime() < until);
};

const report = async ({ pools, rules, log }: PoolRuntime, { collected, failures }: CollectedPage): Promise<void> => {
  for (const { what, id, workspaceId, mark, knownAs, known } of collected) {
    try {
      if (mark !== undefined) await reportHome(rules, { workspaceId, kind: pools.kind, ...mark, knownAs });
    } catch (error) {
      // For example an unreadable record of this home: it must not end the garbage collection of all others.
      log('warn', 'a quarantined home could not be listed', { workspace: workspaceId, error });
    }
    if (known !== true) log('warn', 'a VM or volume belongs to no workspace', { what, id, workspace: workspaceId });
  }
  for (const error of failures) {
    log('warn', `an orphan VM or volume could not be handled; retried in ${garbageMinutes} minutes`, { error });
  }
};
