import type { StopWake } from '../../../contracts/workspaces/workflows.ts';
import { msOf } from '../../instant.ts';
import type { Rules } from '../../rules.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { requestStop } from '../rules/requests.ts';
import { stopTime } from '../rules/stop-time.ts';
import { changeWorkspace, loadWorkspace } from '../store.ts';

type WakeOutcome = { stopped: true } | { stopped: false; wakeAt?: Date };

/**
 * Handles the stop schedule of a workspace. The table decides: the workspace stops only if its stop time has passed and
 * it is still the run that the schedule was made for. The conditional write makes an extension at the same moment win.
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
      const change = requestStop(workspace, undefined, { reason: 'autostop' }, rules.clock());
      const details = { build: change.workspace.build.number, reason: stopTime(workspace)?.reason ?? 'idle' };
      return { ...change, auditEvents: [{ action: 'workspace.stop', actor: 'system', details }] };
    },
    { first: found },
  );
  return outcome;
};

const dueAt = (workspace: WorkspaceRecord, buildId: string): Date | undefined =>
  workspace.status === 'running' && workspace.build.id === buildId && workspace.stopAt !== undefined
    ? new Date(msOf(workspace.stopAt))
    : undefined;
