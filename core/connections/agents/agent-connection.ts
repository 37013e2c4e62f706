import type { AgentLocation } from '../../gateway.ts';
import { instant } from '../../instant.ts';
import { type Change, WriteConflict } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { type BuildRecord, isActive } from '../../workspaces/records/build-record.ts';
import { endStep } from '../../workspaces/records/steps.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { changeWorkspace, loadBuild, loadWorkspace, type WorkspaceUpdate } from '../../workspaces/store.ts';
import { type AgentRef, buildNumberOf, isCurrent } from './agent-build.ts';
import { claimAgentLocation, releaseAgentLocation } from './agent-locations.ts';

/** Records that the agent connected or disconnected, for people and other replicas. Returns its previous location. */
export const recordConnection = async (
  rules: Rules,
  agent: AgentRef,
  connected: boolean,
  location?: AgentLocation,
): Promise<AgentLocation | undefined> => {
  if (!connected) return recordLoss(rules, agent, location);
  const before = location && (await claimAgentLocation(rules.table, agent, location));
  const build = { workspaceId: agent.workspaceId, number: buildNumberOf(agent) };
  // In this order: the workflow begins the step and then checks the agent, so one of the two sees the other and ends
  // the step.
  await showConnection(rules, agent, true, []);
  await endStep(rules.table, build, 'agent', { status: 'succeeded' }, rules.clock());
  return before;
};

/**
 * One write for the loss and the location, so that an agent that has connected elsewhere is not shown as disconnected.
 */
const recordLoss = async (rules: Rules, agent: AgentRef, location: AgentLocation | undefined): Promise<undefined> => {
  try {
    await showConnection(
      rules,
      agent,
      false,
      location === undefined ? [] : [releaseAgentLocation(agent.workspaceId, location)],
    );
  } catch (error) {
    if (location === undefined || !(error instanceof WriteConflict)) throw error;
  }
};

/** Makes a start that waits for the agent check its compute again, because the agent may not come back. */
export const lossOf = (build: BuildRecord): BuildRecord[] =>
  isActive(build.status) && build.outcome === undefined
    ? [{ ...build, agentLost: true, agentLosses: (build.agentLosses ?? 0) + 1 }]
    : [];

/** Updates the connection status that people see. Does nothing for a deleted workspace. */
export const showConnection = async (
  rules: Rules,
  agent: AgentRef,
  connected: boolean,
  also: Change[],
): Promise<void> => {
  const number = buildNumberOf(agent);
  const first = await loadWorkspace(rules.table, agent.workspaceId);
  if (first === undefined) return also.length === 0 ? undefined : rules.table.write(also);
  const decide = async (workspace: WorkspaceRecord): Promise<WorkspaceUpdate | undefined> => {
    if (!isCurrent(workspace, number)) return { also };
    const build = await loadBuild(rules.table, agent.workspaceId, number);
    const status = connected ? (build?.outcome?.status ?? 'connecting') : 'disconnected';
    if (workspace.agent?.status === status) return { also };
    const builds = connected || build === undefined ? [] : lossOf(build);
    return { workspace: { ...workspace, agent: { status, since: instant(rules.clock()) } }, builds, also };
  };
  await changeWorkspace(rules, agent.workspaceId, decide, { first });
};
