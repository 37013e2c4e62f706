import type { AgentLocation } from '../../gateway.ts';
import type { Change, Key, Table } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { everyItem } from '../../table/every-item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { type AgentRef, buildNumberOf, oldBuild } from './agent-build.ts';

/** The replica that a workspace's agent is connected to; the replica's own item has its address. */
export interface AgentLocationRecord extends AgentLocation {
  workspaceId: string;
  buildId: string;
}

export const agentLocationItems = new ItemKind<AgentLocationRecord>('agent location', {
  workspaceId: 'string',
  buildId: 'string',
  replica: 'string',
  connection: 'string',
});

const agentLocationKey = (workspaceId: string): Key => ({ pk: `agent-location#${workspaceId}`, sk: 'agent-location' });

/**
 * Indexed by replica, so that the agents of a crashed replica are found. One partition per replica is enough, because
 * its CPU limits how many agents it admits per second.
 */
const ofReplica = ({ replica, workspaceId }: AgentLocationRecord) => ({
  duePk: `replica#${replica}`,
  dueSk: workspaceId,
});

export async function* agentLocationsOf(
  { table, log }: Pick<Rules, 'table' | 'log'>,
  replica: string,
): AsyncGenerator<AgentLocationRecord> {
  for await (const key of everyItem(table, { index: 'due', pk: `replica#${replica}` })) {
    const item = await table.get(key);
    const location = item && agentLocationItems.readListed(item, log);
    if (location !== undefined) yield location;
  }
}

export const loadAgentLocation = async (
  table: Table,
  workspaceId: string,
): Promise<AgentLocationRecord | undefined> => {
  const item = await table.get(agentLocationKey(workspaceId));
  return item && agentLocationItems.read(item);
};

/**
 * Records where the agent is connected, and returns the previous location. Throws `WriteConflict` when another
 * connection was faster, and the caller retries; `wrong_state` when the agent of a newer build is recorded, so that a
 * late write of an old agent does not overwrite it.
 */
export const claimAgentLocation = async (
  table: Table,
  agent: AgentRef,
  { replica, connection }: AgentLocation,
): Promise<AgentLocation | undefined> => {
  const { workspaceId, buildId } = agent;
  const before = await loadAgentLocation(table, workspaceId);
  if (before?.connection === connection) return undefined;
  if (before !== undefined && buildNumberOf(before) > buildNumberOf(agent)) throw oldBuild();
  const record: AgentLocationRecord = { workspaceId, replica, connection, buildId };
  const when = before === undefined ? { absent: true as const } : { equals: { connection: before.connection } };
  await table.write([
    { put: agentLocationItems.item(agentLocationKey(workspaceId), { ...record, ...ofReplica(record) }), when },
  ]);
  return before;
};

/** Requires that the agent is still at this location. */
export const requireAgentLocation = (workspaceId: string, { connection }: AgentLocation): Change => ({
  check: agentLocationKey(workspaceId),
  when: { equals: { connection } },
});

/** Deletes a location; conflicts when the agent has connected elsewhere. */
export const releaseAgentLocation = (workspaceId: string, { connection }: AgentLocation): Change => ({
  delete: agentLocationKey(workspaceId),
  when: { equals: { connection } },
});
