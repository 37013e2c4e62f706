import type { Autostart } from '../../contracts/autostart.ts';
import { sortedDays } from '../../contracts/weekdays.ts';
import type { Failure } from '../../contracts/workspace.ts';
import type { Actor } from '../actor.ts';
import type { Act } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { isDeactivated } from '../people/people.ts';
import type { Rules } from '../rules.ts';
import { autostartState, autostartWords, nextAutostart } from './autostart.ts';
import { withTemplate } from './commands.ts';
import { decideEnd } from './ending.ts';
import type { WorkspaceRecord } from './record.ts';
import { refuseDeleted, requestStart } from './requests.ts';
import { changeWorkspace, type Decision, findWorkspace, loadWorkspace } from './store.ts';

/** Sets when it starts by itself, or that it does no more. Nothing is written when it is so already. */
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
      if (autostartWords(workspace.autostart) === autostartWords(autostart)) return undefined;
      const details = { autostart: autostartWords(autostart) };
      return {
        workspace: { ...workspace, autostart, autostartAt: undefined },
        acts: [{ action: 'workspace.autostart', actor, details }],
      };
    },
    { first },
  );
};

/** What came of a wake: with `late` the moment was too long past and is left out, with `gone` there is nothing to start. */
export type AutostartOutcome = 'started' | 'failed' | 'late' | 'nothing' | 'gone';

/**
 * What to do for a workspace whose autostart rang. The table decides: it starts when its next moment has come and it is
 * at rest, and the same write moves that moment on, so that of two wakes at once one starts it. While a build is under
 * way there is nothing to do: one that stops it leaves the moment for the sweep.
 */
export const wakeForAutostart = async (rules: Rules, workspaceId: string): Promise<AutostartOutcome> => {
  const found = await loadWorkspace(rules.table, workspaceId);
  if (found === undefined) return 'gone';
  let outcome: AutostartOutcome = 'nothing';
  const decide = async (workspace: WorkspaceRecord): Promise<Decision | undefined> => {
    const decided = await decideAutostart(rules, workspace);
    outcome = decided.outcome;
    return decided.decision;
  };
  await changeWorkspace(rules, workspaceId, decide, { first: found });
  return outcome;
};

const isAtRest = ({ status }: WorkspaceRecord): boolean => status === 'stopped' || status === 'failed';

interface Decided {
  outcome: AutostartOutcome;
  decision?: Decision;
}

const decideAutostart = async (rules: Rules, workspace: WorkspaceRecord): Promise<Decided> => {
  const now = rules.clock();
  const { autostart, desired } = workspace;
  if (autostart === undefined || desired === 'deleted') return { outcome: 'gone' };
  const state = autostartState(workspace, now);
  if (state === 'waiting' || !isAtRest(workspace)) return { outcome: 'nothing' };
  const moved = { ...workspace, autostartAt: instant(nextAutostart(autostart, now)) };
  if (state === 'late') return { outcome: 'late', decision: { workspace: moved } };
  if (await isDeactivated(rules.table, workspace.ownerId))
    return { outcome: 'nothing', decision: { workspace: moved } };
  return decideStart(rules, moved);
};

/** The start as a person would ask for it, without any parameter. What would be refused them is told as a failed build. */
const decideStart = async (rules: Rules, workspace: WorkspaceRecord): Promise<Decided> => {
  const act = startAct(workspace.build.number + 1);
  const request = { reason: 'autostart' as const, rebuild: false };
  try {
    const { changed, ephemeral } = await withTemplate(rules, 'system', workspace, {});
    const start = requestStart(changed, undefined, { ...request, ephemeral }, rules.clock());
    return { outcome: 'started', decision: { ...start, acts: [act] } };
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    const begun = requestStart(workspace, undefined, request, rules.clock());
    const [build] = begun.builds;
    if (build === undefined) throw error;
    const failed = await decideEnd(rules, begun.workspace, build, { status: 'failed', failure: failureOf(error) });
    return { outcome: 'failed', decision: { ...failed, acts: [act, ...(failed.acts ?? [])] } };
  }
};

const startAct = (build: number): Act => ({
  action: 'workspace.start',
  actor: 'system',
  details: { build, reason: 'autostart' },
});

const failureOf = (error: BerthError): Failure => ({
  error: error.name,
  message: `It could not start by itself: ${error.message}`,
  action: 'Start it with other parameters or another version, or change its autostart.',
});
