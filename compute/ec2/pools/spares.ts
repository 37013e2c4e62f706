import { Cron } from 'croner';
import type { VmSpares } from '../../../contracts/settings/vm.ts';
import { BerthError } from '../../../core/errors.ts';
import type { GroupSize } from '../aws/auto-scaling-group.ts';
import type { PoolCount } from '../leases/lease-store.ts';

interface SpareSizes {
  running: number;
  stopped: number;
}

const lastRun = (cron: string, timezone: string, now: Date): number => {
  try {
    // previousRuns excludes the reference: one second later, a run at this very moment counts.
    const [last] = new Cron(cron, { timezone, mode: '5-part' }).previousRuns(1, new Date(now.getTime() + 1_000));
    return last?.getTime() ?? Number.NEGATIVE_INFINITY;
  } catch (error) {
    throw new BerthError(
      'invalid_request',
      `The pool's schedule "${cron}" is not a cron expression: ${(error as Error).message}. Correct the deployment's settings.`,
      { cause: error },
    );
  }
};

/**
 * How many spares a pool should have at `now`: as its latest scheduled change sets it, or the default before the first.
 */
export const sparesAt = ({ running, stopped, hours, timezone }: VmSpares, now: Date): SpareSizes => {
  const changes = hours.map((change) => ({ ...change, at: lastRun(change.cron, timezone, now) }));
  const latest = changes.reduce<(typeof changes)[number] | undefined>(
    (best, change) =>
      Number.isFinite(change.at) && change.at >= (best?.at ?? Number.NEGATIVE_INFINITY) ? change : best,
    undefined,
  );
  return latest === undefined ? { running, stopped } : { running: latest.running, stopped: latest.stopped ?? stopped };
};

/** The size of the group: one more running instance for each workspace that waits, within what the cap leaves. */
export const groupSizeFor = (sizes: SpareSizes, count: PoolCount, cap: number): GroupSize => {
  const prepared = Math.max(0, Math.min(sizes.running + sizes.stopped + count.waiting, cap - count.leased));
  return { desired: Math.min(sizes.running + count.waiting, prepared), prepared };
};
