import { WriteConflict } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import type { WorkspaceRecord } from '../../workspaces/records/workspace-record.ts';
import { loadWorkspace } from '../../workspaces/store.ts';
import { recordConnection, showConnection } from './agent-connection.ts';
import {
  type AgentLocationRecord,
  agentLocationsOf,
  loadAgentLocation,
  releaseAgentLocation,
  requireAgentLocation,
} from './agent-locations.ts';
import { findReplica, lapsedReplicas } from './replicas.ts';

export const isConnected = ({ agent }: WorkspaceRecord): boolean =>
  agent !== undefined && agent.status !== 'disconnected';

/**
 * Corrects an agent's connection status by its gateway replica: disconnected when the replica crashed, connected again when its lease was only late. Two gets. A gateway without replicas records no locations, so its agents are left alone.
 */
export const followReplica = async (rules: Rules, workspace: WorkspaceRecord): Promise<void> => {
  const location = await loadAgentLocation(rules.table, workspace.id);
  if (location === undefined || location.buildId !== workspace.build.id) return;
  const isHeld = (await findReplica(rules, location.replica)) !== undefined;
  if (isHeld === isConnected(workspace)) return;
  const agent = { workspaceId: workspace.id, buildId: workspace.build.id };
  try {
    await showConnection(rules, agent, isHeld, [requireAgentLocation(workspace.id, location)]);
  } catch (error) {
    // It connected or disconnected meanwhile, and that replica recorded it.
    if (!(error instanceof WriteConflict)) throw error;
  }
};

/**
 * The agents of crashed gateway replicas. Agents that have connected to another replica have a new location, so that only lost ones are read.
 */
export async function* agentsLeftBehind(rules: Rules): AsyncGenerator<AgentLocationRecord> {
  for await (const replica of lapsedReplicas(rules)) yield* agentLocationsOf(rules.table, replica.id);
}

/** Shows an agent of a crashed replica as disconnected; deletes the location if the run is over. */
export const cutOff = async (rules: Rules, location: AgentLocationRecord): Promise<void> => {
  const workspace = await loadWorkspace(rules.table, location.workspaceId);
  if (workspace?.status === 'running' && workspace.build.id === location.buildId)
    return followReplica(rules, workspace);
  try {
    await rules.table.write([releaseAgentLocation(location.workspaceId, location)]);
  } catch (error) {
    // A newer run's agent took the location over meanwhile.
    if (!(error instanceof WriteConflict)) throw error;
  }
};

/** When a gateway without replicas starts, no agent is connected, whatever the previous process recorded. */
export const forgetConnection = async (rules: Rules, workspace: WorkspaceRecord): Promise<void> => {
  if (!isConnected(workspace)) return;
  await recordConnection(rules, { workspaceId: workspace.id, buildId: workspace.build.id }, false);
};
