import type { StopWake } from '../../contracts/workspaces/workflows.ts';
import { wakeForStop } from '../../core/workspaces/automatic/autostop.ts';
import type { StopRuntime } from '../runtime.ts';

/** Called by a schedule or by the sweep. Stops the workspace if it is due, else schedules the next call. */
export const stopDue = (runtime: StopRuntime) => async (wake: StopWake) => {
  const outcome = await wakeForStop(runtime.rules, wake);
  if (!outcome.stopped && outcome.wakeAt !== undefined) {
    await runtime.scheduler.put(wake.workspaceId, outcome.wakeAt, wake);
  }
};
