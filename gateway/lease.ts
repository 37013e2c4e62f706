import type { Replica, ReplicaRules } from '../core/gateway.ts';
import type { Log } from './log.ts';

const renewEveryMs = 10_000;

/** Writes a replica down and keeps it so. Answers a function that takes it away. */
export const keepLease = async (
  rules: Pick<ReplicaRules, 'keepReplica' | 'removeReplica'>,
  replica: Replica,
  log: Log,
): Promise<() => Promise<void>> => {
  await rules.keepReplica(replica);
  let renewal = Promise.resolve();
  const renew = async () => {
    try {
      await rules.keepReplica(replica);
    } catch (thrown) {
      log('warn', 'the lease was not renewed', { replica: replica.id, reason: String(thrown) });
    }
  };
  const timer = setInterval(() => {
    renewal = renew();
  }, renewEveryMs);
  return async () => {
    clearInterval(timer);
    // A renewal that is under way would bring the item back.
    await renewal;
    await rules.removeReplica(replica);
  };
};
