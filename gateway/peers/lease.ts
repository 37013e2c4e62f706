import { every } from '../../base/every.ts';
import type { Log } from '../../base/log.ts';
import type { Replica, ReplicaRules } from '../../core/gateway.ts';

const renewEveryMs = 10_000;

/** Registers a replica and renews its lease. Returns a function that ends the lease. */
export const keepLease = async (
  rules: Pick<ReplicaRules, 'renewReplica' | 'removeReplica'>,
  replica: Replica,
  log: Log,
): Promise<() => Promise<void>> => {
  await rules.renewReplica(replica);
  const renewal = {
    periodMs: renewEveryMs,
    onError: (error: unknown) => log('warn', 'the lease was not renewed', { error }),
  };
  const stop = every(renewal, () => rules.renewReplica(replica));
  return async () => {
    // A renewal in progress would write the item again after it was removed.
    await stop();
    await rules.removeReplica(replica);
  };
};
