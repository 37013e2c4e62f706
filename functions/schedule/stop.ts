import type { StopWake } from '../../contracts/events.ts';
import { wakeForStop } from '../../core/workspaces/autostop.ts';
import type { StopRuntime } from '../runtime.ts';

/** Woken by a schedule, or by the sweep. Stops the workspace when its time has come, else asks to be woken then. */
export const stopDue = (runtime: StopRuntime) => async (wake: StopWake) => {
  const outcome = await wakeForStop(runtime.rules, wake);
  if (!outcome.stopped && outcome.wakeAt !== undefined) {
    await runtime.scheduler.put(wake.workspaceId, outcome.wakeAt, wake);
  }
};
