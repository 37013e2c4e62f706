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
 * Corrects an agent's connection status by its gateway replica: disconnected when the replica crashed, connected again
 * when only its lease was late. Costs two gets. A gateway without replicas records no locations, so its agents are not
 * changed.
 */
export const followReplica = async (rules: Rules, workspace: WorkspaceRecord): Promise<void> => {
  const location = await loadAgentLocation(rules.table, workspace.id);
  if (location === undefined || location.buildId !== workspace.build.id) return;
  const isReplicaLive = (await findReplica(rules, location.replica)) !== undefined;
  if (isReplicaLive === isConnected(workspace)) return;
  const agent = { workspaceId: workspace.id, buildId: workspace.build.id };
  try {
    await showConnection(rules, agent, isReplicaLive, [requireAgentLocation(workspace.id, location)]);
  } catch (error) {
    // It connected or disconnected meanwhile, and that replica recorded it.
    if (!(error instanceof WriteConflict)) throw error;
  }
};

/**
 * The agents of gateway replicas whose lease has ended. An agent that connected to another replica has a new location.
 */
export async function* agentsOfLapsedReplicas(rules: Rules): AsyncGenerator<AgentLocationRecord> {
  for await (const replica of lapsedReplicas(rules)) yield* agentLocationsOf(rules, replica);
}

/** Shows an agent of a crashed replica as disconnected; deletes the location if its build no longer runs. */
export const markDisconnected = async (rules: Rules, location: AgentLocationRecord): Promise<void> => {
  const workspace = await loadWorkspace(rules.table, location.workspaceId);
  if (workspace?.status === 'running' && workspace.build.id === location.buildId)
    return followReplica(rules, workspace);
  try {
    await rules.table.write([releaseAgentLocation(location.workspaceId, location)]);
  } catch (error) {
    // The agent of a newer build replaced the location meanwhile.
    if (!(error instanceof WriteConflict)) throw error;
  }
};

/** When a gateway without replicas starts, no agent is connected, whatever the previous process recorded. */
export const clearConnection = async (rules: Rules, workspace: WorkspaceRecord): Promise<void> => {
  if (!isConnected(workspace)) return;
  await recordConnection(rules, { workspaceId: workspace.id, buildId: workspace.build.id }, false);
};
