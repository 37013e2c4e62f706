import type { StopWake } from '../../contracts/events.ts';
import { msOf } from '../instant.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from './record.ts';
import { requestStop } from './requests.ts';
import { stopTime } from './stop-time.ts';
import { changeWorkspace, loadWorkspace } from './store.ts';

export type WakeOutcome = { stopped: true } | { stopped: false; wakeAt?: Date };

/**
 * What to do for a workspace whose schedule rang. The table decides: it stops only when its time has come by what is
 * written there now, and only the run that the schedule was made for. The write demands that nothing moved meanwhile,
 * so an extension never loses to it.
 */
export const wakeForStop = async (rules: Rules, wake: StopWake): Promise<WakeOutcome> => {
  const found = await loadWorkspace(rules.table, wake.workspaceId);
  if (found === undefined) return { stopped: false };
  let outcome: WakeOutcome = { stopped: false };
  await changeWorkspace(
    rules,
    wake.workspaceId,
    (workspace) => {
      const due = dueAt(workspace, wake.buildId);
      outcome = due === undefined ? { stopped: false } : { stopped: false, wakeAt: due };
      if (due === undefined || due > rules.clock()) return undefined;
      outcome = { stopped: true };
      const step = requestStop(workspace, undefined, { reason: 'autostop' }, rules.clock());
      const details = { build: step.workspace.build.number, reason: stopTime(workspace)?.reason ?? 'idle' };
      return { ...step, acts: [{ action: 'workspace.stop', actor: 'system', details }] };
    },
    { first: found },
  );
  return outcome;
};

const dueAt = (workspace: WorkspaceRecord, buildId: string): Date | undefined =>
  workspace.status === 'running' && workspace.build.id === buildId && workspace.stopAt !== undefined
    ? new Date(msOf(workspace.stopAt))
    : undefined;
