import type { Replica, ReplicaRules } from '../core/gateway.ts';
import { every } from './every.ts';
import type { Log } from './log.ts';

const renewEveryMs = 10_000;

/** Writes a replica down and keeps it so. Answers a function that takes it away. */
export const keepLease = async (
  rules: Pick<ReplicaRules, 'keepReplica' | 'removeReplica'>,
  replica: Replica,
  log: Log,
): Promise<() => Promise<void>> => {
  await rules.keepReplica(replica);
  const renewal = { ms: renewEveryMs, failed: 'the lease was not renewed', log };
  const stop = every(renewal, () => rules.keepReplica(replica));
  return async () => {
    // A renewal that is under way would bring the item back.
    await stop();
    await rules.removeReplica(replica);
  };
};
