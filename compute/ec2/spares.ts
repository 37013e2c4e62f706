import { Cron } from 'croner';
import type { VmSpares } from '../../contracts/vm-settings.ts';
import { BerthError } from '../../core/errors.ts';

export interface SpareSizes {
  running: number;
  stopped: number;
}

const lastRun = (cron: string, timezone: string, now: Date): number => {
  try {
    // A run at this very moment counts: the reference itself is left out.
    const [last] = new Cron(cron, { timezone, mode: '5-part' }).previousRuns(1, new Date(now.getTime() + 1_000));
    return last?.getTime() ?? Number.NEGATIVE_INFINITY;
  } catch (error) {
    throw new BerthError(
      'invalid_request',
      `The pool's schedule "${cron}" is not one: ${(error as Error).message}. Correct the deployment's settings.`,
      { cause: error },
    );
  }
};

/** How many spares a pool is to have now: what the latest of its changes says, and before the first the usual. */
export const sparesAt = ({ running, stopped, hours, timezone }: VmSpares, now: Date): SpareSizes => {
  const changes = hours.map((change) => ({ ...change, at: lastRun(change.cron, timezone, now) }));
  const latest = changes.reduce<(typeof changes)[number] | undefined>(
    (best, change) =>
      Number.isFinite(change.at) && change.at >= (best?.at ?? Number.NEGATIVE_INFINITY) ? change : best,
    undefined,
  );
  return latest === undefined ? { running, stopped } : { running: latest.running, stopped: latest.stopped ?? stopped };
};

/** What a pool's count in the table says; see lease.ts. */
export interface PoolCount {
  /** VMs that belong to workspaces, stopped ones and ones being launched included. */
  leased: number;
  /** Workspaces that wait for a spare to come up. */
  waiting: number;
  /** The most machines that the group may hold, running and stopped together. */
  spares: number;
}

export interface GroupSize {
  /** Machines that run. */
  desired: number;
  /** Machines altogether, the warm pool included. */
  prepared: number;
}

/** The size of the group: one running machine more for each that waits, and never above what the cap leaves. */
export const groupSizeFor = (sizes: SpareSizes, count: PoolCount, cap: number): GroupSize => {
  const prepared = Math.max(0, Math.min(sizes.running + sizes.stopped + count.waiting, cap - count.leased));
  return { desired: Math.min(sizes.running + count.waiting, prepared), prepared };
};
