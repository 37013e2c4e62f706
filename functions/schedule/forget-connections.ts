import { forgetConnection } from '../../core/connections/lost-agents.ts';
import type { Rules } from '../../core/rules.ts';
import { due } from './due.ts';

/**
 * To be called before a gateway that has no replicas takes agents in: one that was killed could not write down that
 * its agents were cut off, and a portal must not say that one is ready before it is back.
 */
export const forgetConnections = async (rules: Rules): Promise<void> => {
  for (const part of ['building', 'running'] as const) {
    for await (const workspace of due(rules.table, part)) await forgetConnection(rules, workspace);
  }
};
