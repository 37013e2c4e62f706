import { sortedDays } from '../../../contracts/values/weekdays.ts';
import type { Autostart } from '../../../contracts/workspaces/autostart.ts';
import type { Failure } from '../../../contracts/workspaces/builds.ts';
import type { Actor } from '../../actor.ts';
import type { NewAuditEvent } from '../../audit/audit-events.ts';
import { BerthError } from '../../errors.ts';
import { instant } from '../../instant.ts';
import { isDeactivated } from '../../people/person-record.ts';
import type { Rules } from '../../rules.ts';
import { buildEndUpdate } from '../build-end.ts';
import { applyVersion } from '../commands/apply-version.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { autostartState, autostartText, nextAutostart } from '../rules/autostart-time.ts';
import { refuseDeleted, requestStart } from '../rules/requests.ts';
import { changeWorkspace, findWorkspace, loadWorkspace, type WorkspaceUpdate } from '../store.ts';

/** Sets or removes a workspace's autostart. Writes nothing when that changes nothing. */
export const setAutostart = async (
  rules: Rules,
  actor: Actor,
  reference: string,
  wanted: Autostart | undefined,
): Promise<WorkspaceRecord> => {
  const first = await findWorkspace(rules, actor, reference, 'manage');
  const autostart = wanted && { ...wanted, days: sortedDays(wanted.days) };
  return changeWorkspace(
    rules,
    first.id,
    (workspace) => {
      refuseDeleted(workspace);
      if (autostartText(workspace.autostart) === autostartText(autostart)) return undefined;
      const details = { autostart: autostartText(autostart) };
      return {
        workspace: { ...workspace, autostart, autostartAt: undefined },
        auditEvents: [{ action: 'workspace.autostart', actor, details }],
      };
    },
    { first },
  );
};

/** `late`: the time passed too long ago and is skipped. `gone`: there is nothing to start. */
type AutostartOutcome = 'started' | 'failed' | 'late' | 'nothing' | 'gone';

/**
 * Handles the autostart schedule of a workspace. The table decides: a workspace that is stopped or failed starts when
 * its next time has come, and the same write advances that time, so that only one of two concurrent calls starts it.
 * During a build nothing is done; after one that stops the workspace, the sweep starts it.
 */
export const wakeForAutostart = async (rules: Rules, workspaceId: string): Promise<AutostartOutcome> => {
  const found = await loadWorkspace(rules.table, workspaceId);
  if (found === undefined) return 'gone';
  let outcome: AutostartOutcome = 'nothing';
  const decide = async (workspace: WorkspaceRecord): Promise<WorkspaceUpdate | undefined> => {
    const decision = await decideAutostart(rules, workspace);
    outcome = decision.outcome;
    return decision.update;
  };
  await changeWorkspace(rules, workspaceId, decide, { first: found });
  return outcome;
};

const isStoppedOrFailed = ({ status }: WorkspaceRecord): boolean => status === 'stopped' || status === 'failed';

interface Decision {
  outcome: AutostartOutcome;
  update?: WorkspaceUpdate;
}

const decideAutostart = async (rules: Rules, workspace: WorkspaceRecord): Promise<Decision> => {
  const now = rules.clock();
  const { autostart, desired } = workspace;
  if (autostart === undefined || desired === 'deleted') return { outcome: 'gone' };
  const state = autostartState(workspace, now);
  if (state === 'waiting' || !isStoppedOrFailed(workspace)) return { outcome: 'nothing' };
  const moved = { ...workspace, autostartAt: instant(nextAutostart(autostart, now)) };
  if (state === 'late') return { outcome: 'late', update: { workspace: moved } };
  if (await isDeactivated(rules.table, workspace.ownerId)) return { outcome: 'nothing', update: { workspace: moved } };
  return decideStart(rules, moved);
};

/**
 * Starts the workspace as its owner would, without changes. An error that would refuse the owner's request becomes a
 * failed build.
 */
const decideStart = async (rules: Rules, workspace: WorkspaceRecord): Promise<Decision> => {
  const auditEvent = startEvent(workspace.build.number + 1);
  const request = { reason: 'autostart' as const, rebuild: false };
  try {
    const { changed, ephemeral } = await applyVersion(rules, 'system', workspace, {});
    const start = requestStart(changed, undefined, { ...request, ephemeral }, rules.clock());
    return { outcome: 'started', update: { ...start, auditEvents: [auditEvent] } };
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    const start = requestStart(workspace, undefined, request, rules.clock());
    const [build] = start.builds;
    if (build === undefined) throw error;
    const failed = await buildEndUpdate(rules, start.workspace, build, { status: 'failed', failure: failureOf(error) });
    return { outcome: 'failed', update: { ...failed, auditEvents: [auditEvent, ...(failed.auditEvents ?? [])] } };
  }
};

const startEvent = (build: number): NewAuditEvent => ({
  action: 'workspace.start',
  actor: 'system',
  details: { build, reason: 'autostart' },
});

const failureOf = (error: BerthError): Failure => ({
  error: error.name,
  message: `The automatic start failed: ${error.message}`,
  action: 'Start it with other parameters or another version, or change its autostart.',
});
