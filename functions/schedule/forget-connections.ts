import { clearConnection } from '../../core/connections/agents/lost-agents.ts';
import { loadWorkspace } from '../../core/workspaces/store.ts';
import type { BuildRuntime } from '../runtime.ts';
import { due } from './due.ts';

/**
 * Call before a single gateway accepts agents. A gateway that was killed could not record that its agents lost their
 * connection, and the portal must not show an agent as ready before it is back. One record that cannot be written, for
 * example a record of another version, must not prevent the start.
 */
export const forgetConnections = async ({ rules, log }: BuildRuntime): Promise<void> => {
  for (const part of ['building', 'running'] as const) {
    for await (const { id } of due(rules.table, part)) {
      try {
        const workspace = await loadWorkspace(rules.table, id);
        if (workspace !== undefined) await clearConnection(rules, workspace);
      } catch (error) {
        log('warn', 'the lost connection of an agent could not be recorded', { workspace: id, error });
      }
    }
  }
};
