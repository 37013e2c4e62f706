import type { GatewayRules } from '../core/gateway.ts';
import { every } from './every.ts';
import type { Log } from './log.ts';
import type { OpenConnections } from './open-connections.ts';

/** A right that was taken away ends what it opened within a second: 100 ms are left for the table's answer. */
export const withinASecondMs = 900;

/**
 * Looks once a second what was taken away of whom, and has what they have open asked about. One query for all there is.
 * Answers a function that stops it.
 */
export const watchRevocations = (
  rules: Pick<GatewayRules, 'lastRevocations'>,
  open: Pick<OpenConnections, 'count' | 'askAbout'>,
  log: Log,
): (() => void) => {
  let seen: ReadonlyMap<string, string> = new Map();
  return every({ ms: withinASecondMs, failed: 'it could not be seen what was taken away', log }, async () => {
    if (open.count === 0) return;
    const last = await rules.lastRevocations();
    const fresh = [...last].filter(([key]) => !seen.has(key)).map(([, subject]) => subject);
    seen = last;
    if (fresh.length > 0) open.askAbout(new Set(fresh));
  });
};
