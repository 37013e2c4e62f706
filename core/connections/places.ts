import { everyItem } from '../every-item.ts';
import type { Place } from '../gateway.ts';
import { fromItem, toItem } from '../item.ts';
import type { Change, Key, Table } from '../ports.ts';
import { type AgentRef, buildNumberOf, oldBuild } from './agent-build.ts';

/** Where a workspace's agent is connected. It names the replica, whose own item says where that is reached. */
export interface PlaceRecord extends Place {
  workspaceId: string;
  buildId: string;
}

const placeKey = (workspaceId: string): Key => ({ pk: `agent-location#${workspaceId}`, sk: 'agent-location' });

/** Agents are found by their replica, so that one that ended without a word is known to have left them behind. */
const ofReplica = ({ replica, workspaceId }: PlaceRecord) => ({ duePk: `replica#${replica}`, dueSk: workspaceId });

export async function* placesOf(table: Table, replica: string): AsyncGenerator<PlaceRecord> {
  for await (const item of everyItem(table, { index: 'due', pk: `replica#${replica}` }))
    yield fromItem<PlaceRecord>(item);
}

export const loadPlace = async (table: Table, workspaceId: string): Promise<PlaceRecord | undefined> => {
  const item = await table.get(placeKey(workspaceId));
  return item && fromItem<PlaceRecord>(item);
};

/**
 * Writes where the agent is now; answers the place that it took over from. A `WriteConflict` when another connection
 * was quicker: then whoever still holds an open one tries again. A `wrong_state` when the place is a newer build's: a
 * write of an old build's agent that comes late takes nothing over.
 */
export const placeAgent = async (
  table: Table,
  agent: AgentRef,
  { replica, connection }: Place,
): Promise<Place | undefined> => {
  const { workspaceId, buildId } = agent;
  const before = await loadPlace(table, workspaceId);
  if (before?.connection === connection) return undefined;
  if (before !== undefined && buildNumberOf(before) > buildNumberOf(agent)) throw oldBuild();
  const record: PlaceRecord = { workspaceId, replica, connection, buildId };
  const when = before === undefined ? { absent: true as const } : { equals: { connection: before.connection } };
  await table.write([{ put: toItem(placeKey(workspaceId), { ...record, ...ofReplica(record) }), when }]);
  return before;
};

/** Demands that the agent is still at its place. */
export const atPlace = (workspaceId: string, { connection }: Place): Change => ({
  check: placeKey(workspaceId),
  when: { equals: { connection } },
});

/** Takes a place away; lost when the agent is connected elsewhere by now. */
export const leavePlace = (workspaceId: string, { connection }: Place): Change => ({
  delete: placeKey(workspaceId),
  when: { equals: { connection } },
});
