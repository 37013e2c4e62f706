import type { Place } from '../gateway.ts';
import { instant } from '../instant.ts';
import { type Change, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { endStep } from '../workspaces/steps.ts';
import { changeWorkspace, type Decision, loadBuild, loadWorkspace } from '../workspaces/store.ts';
import { type AgentRef, buildNumberOf, isCurrent } from './agent-build.ts';
import { leavePlace, placeAgent } from './places.ts';

/** The agent's connection came or went, as people and other replicas see it. Answers the place it took over from. */
export const recordConnection = async (
  rules: Rules,
  agent: AgentRef,
  connected: boolean,
  place?: Place,
): Promise<Place | undefined> => {
  if (!connected) return recordLoss(rules, agent, place);
  const before = place && (await placeAgent(rules.table, agent, place));
  const build = { workspaceId: agent.workspaceId, number: buildNumberOf(agent) };
  // In this order, for who begins the step looks at the agent afterwards: one of both sees the other and ends it.
  await showConnection(rules, agent, true, []);
  await endStep(rules.table, build, 'agent', { status: 'succeeded' }, rules.clock());
  return before;
};

/** The loss and the end of the place are one write: an agent that is connected elsewhere by now lost nothing. */
const recordLoss = async (rules: Rules, agent: AgentRef, place: Place | undefined): Promise<undefined> => {
  try {
    await showConnection(rules, agent, false, place === undefined ? [] : [leavePlace(agent.workspaceId, place)]);
  } catch (error) {
    if (place === undefined || !(error instanceof WriteConflict)) throw error;
  }
};

/** What people see of the connection. Of a workspace that is gone there is nothing to tell. */
export const showConnection = async (
  rules: Rules,
  agent: AgentRef,
  connected: boolean,
  also: Change[],
): Promise<void> => {
  const number = buildNumberOf(agent);
  const first = await loadWorkspace(rules.table, agent.workspaceId);
  if (first === undefined) return also.length === 0 ? undefined : rules.table.write(also);
  const decide = async (workspace: WorkspaceRecord): Promise<Decision | undefined> => {
    if (!isCurrent(workspace, number)) return { also };
    const build = await loadBuild(rules.table, agent.workspaceId, number);
    const status = connected ? (build?.outcome?.status ?? 'connecting') : 'disconnected';
    if (workspace.agent?.status === status) return { also };
    return { workspace: { ...workspace, agent: { status, since: instant(rules.clock()) } }, also };
  };
  await changeWorkspace(rules, agent.workspaceId, decide, { first });
};
