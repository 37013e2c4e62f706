import type { AutostartWake } from '../../contracts/workspaces/workflows.ts';
import { wakeForAutostart } from '../../core/workspaces/automatic/autostart.ts';
import type { AutostartRuntime } from '../runtime.ts';

/**
 * Called by a schedule or by the sweep. Starts the workspace if its autostart is due. Removes a schedule whose
 * workspace no longer has an autostart, because the call that should have removed it may have been lost.
 */
export const autostartDue = (runtime: AutostartRuntime) => async (wake: AutostartWake) => {
  const { rules, scheduler, log } = runtime;
  const outcome = await wakeForAutostart(rules, wake.workspaceId);
  if (outcome === 'gone') await scheduler.removeRecurring(wake.workspaceId);
  if (outcome === 'late')
    log('warn', 'an autostart was skipped: it was due more than an hour ago', { workspace: wake.workspaceId });
};
