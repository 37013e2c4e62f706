import { WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import type { WorkspaceRecord } from '../workspaces/record.ts';
import { loadWorkspace } from '../workspaces/store.ts';
import { recordConnection, showConnection } from './agent-connection.ts';
import { atPlace, leavePlace, loadPlace, type PlaceRecord, placesOf } from './places.ts';
import { findReplica, lapsedReplicas } from './replicas.ts';

export const isConnected = ({ agent }: WorkspaceRecord): boolean =>
  agent !== undefined && agent.status !== 'disconnected';

/**
 * Makes what is shown of an agent follow the replica of the gateway that holds it: gone with a replica that ended
 * without a word, back with one whose lease was only late. Two gets; a gateway without replicas writes no place, and
 * nothing is known here of its agents.
 */
export const followReplica = async (rules: Rules, workspace: WorkspaceRecord): Promise<void> => {
  const place = await loadPlace(rules.table, workspace.id);
  if (place === undefined || place.buildId !== workspace.build.id) return;
  const isHeld = (await findReplica(rules, place.replica)) !== undefined;
  if (isHeld === isConnected(workspace)) return;
  const agent = { workspaceId: workspace.id, buildId: workspace.build.id };
  try {
    await showConnection(rules, agent, isHeld, [atPlace(workspace.id, place)]);
  } catch (error) {
    // It connected or left meanwhile, and whoever saw that wrote it down.
    if (!(error instanceof WriteConflict)) throw error;
  }
};

/**
 * Agents that a replica of the gateway left behind when it ended without a word. Those that dialled another one have a
 * place there by now, so that only the lost ones are read, however many there were.
 */
export async function* agentsLeftBehind(rules: Rules): AsyncGenerator<PlaceRecord> {
  for await (const replica of lapsedReplicas(rules)) yield* placesOf(rules.table, replica.id);
}

/** Shows an agent that was left behind as cut off; a place that is of no living run any more is taken away. */
export const cutOff = async (rules: Rules, place: PlaceRecord): Promise<void> => {
  const workspace = await loadWorkspace(rules.table, place.workspaceId);
  if (workspace?.status === 'running' && workspace.build.id === place.buildId) return followReplica(rules, workspace);
  try {
    await rules.table.write([leavePlace(place.workspaceId, place)]);
  } catch (error) {
    // A newer run's agent took the place over meanwhile.
    if (!(error instanceof WriteConflict)) throw error;
  }
};

/** The only gateway there is begins: no agent is connected, whatever the one before left written down. */
export const forgetConnection = async (rules: Rules, workspace: WorkspaceRecord): Promise<void> => {
  if (!isConnected(workspace)) return;
  await recordConnection(rules, { workspaceId: workspace.id, buildId: workspace.build.id }, false);
};
