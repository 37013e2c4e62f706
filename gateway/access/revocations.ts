import { every } from '../../base/every.ts';
import type { Log } from '../../base/log.ts';
import type { GatewayRules } from '../../core/gateway.ts';
import type { OpenConnections } from './open-connections.ts';

/** How long access may go unchecked: a revocation should take effect within a second, less 100 ms for other work. */
export const accessMaxAgeMs = 900;

/**
 * The interval between polls, by how long the last query took. A revocation that is written right after a poll has read
 * the table (half a round trip) is found by the next poll, and the affected grants are checked in two more round trips.
 * So a replica in a region far from the table polls more often. Up to a round trip of 250 ms, connections are closed
 * within a second.
 */
const intervalAfter = (queryMs: number): number => Math.max(queryMs, accessMaxAgeMs - 2.5 * queryMs);

/**
 * Polls revocations, and rechecks the connections of the people and workspaces that they name. One query per poll,
 * whatever is open. Returns a function that stops it.
 */
export const watchRevocations = (
  rules: Pick<GatewayRules, 'recentRevocations'>,
  open: Pick<OpenConnections, 'count' | 'recheck'>,
  log: Log,
): (() => void) => {
  let known: ReadonlyMap<string, string> = new Map();
  return every(
    {
      periodMs: intervalAfter,
      onError: (error) => log('warn', 'revocations were not read', { error }),
    },
    async () => {
      if (open.count === 0) return;
      const recent = await rules.recentRevocations();
      const subjects = [...recent].filter(([key]) => !known.has(key)).map(([, subject]) => subject);
      known = recent;
      if (subjects.length > 0) open.recheck(new Set(subjects));
    },
  );
};
