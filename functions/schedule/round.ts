import type { ComputeKind } from '../../compute/kind.ts';
import { fromItem, toItem } from '../../core/item.ts';
import type { Key, Table } from '../../core/ports.ts';

/**
 * Rounds over what is too large to be looked at by every sweep: each call takes the next turn, and after the last one
 * begins anew. Two calls at once may take the same turn.
 *
 * 200 a turn: with a sweep a minute, 1,000 workspaces have theirs within five minutes and 10,000 within the hour, and a
 * sweep's cost does not grow with the fleet.
 */
const perTurn = 200;

const placeKey = (round: string): Key => ({ pk: 'sweep', sk: round });

/** Where the next turn begins, inclusive; absent at the beginning of a round. */
const loadFrom = async (table: Table, round: string): Promise<string | undefined> => {
  const item = await table.get(placeKey(round));
  return item && fromItem<{ from: string }>(item).from;
};

/** A round of one turn writes nothing. */
const keepFrom = async (table: Table, round: string, before: string | undefined, from: string | undefined) => {
  if (from === before) return;
  const key = placeKey(round);
  await table.write([from === undefined ? { delete: key } : { put: toItem(key, { from }) }]);
};

/** Of what a kind of compute owns, by workspace: listing it all is a few calls, a look at each one's owner is not. */
export const nextOwned = async (table: Table, kind: ComputeKind<unknown>) => {
  const round = `owned#${kind.name}`;
  const from = (await loadFrom(table, round)) ?? '';
  const owned = await Array.fromAsync(kind.listOwned());
  const rest = owned
    .filter(({ workspaceId }) => workspaceId >= from)
    .sort((a, b) => (a.workspaceId < b.workspaceId ? -1 : 1));
  await keepFrom(table, round, from === '' ? undefined : from, rest[perTurn]?.workspaceId);
  return rest.slice(0, perTurn);
};
