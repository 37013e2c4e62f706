import type { AutostartWake } from '../../contracts/events.ts';
import { wakeForAutostart } from '../../core/workspaces/autostart-acts.ts';
import type { AutostartRuntime } from '../runtime.ts';

/**
 * Woken by a schedule, or by the sweep. Starts the workspace when its next moment has come. A schedule that nobody has
 * any more, as its removal was lost, is removed with its next ring.
 */
export const autostartDue = (runtime: AutostartRuntime) => async (wake: AutostartWake) => {
  const { rules, scheduler, log } = runtime;
  const outcome = await wakeForAutostart(rules, wake.workspaceId);
  if (outcome === 'gone') await scheduler.removeRecurring(wake.workspaceId);
  if (outcome === 'late')
    log('warn', 'an autostart was due more than an hour ago; it is left out', { workspace: wake.workspaceId });
};
