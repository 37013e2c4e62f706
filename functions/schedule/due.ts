import { instant } from '../../core/instant.ts';
import type { Table } from '../../core/ports/table.ts';
import { everyShardedItem, partitionsOf } from '../../core/table/shards.ts';
import type { Due } from '../../core/workspaces/records/workspace-record.ts';

/** An entry of the index `due`. The index may lag: the workspace's own record has the present state. */
interface DueWorkspace {
  id: string;
  /** Sort key in the index. */
  sort: string;
}

/** The entries of the index in order of time, beginning at `from`; with `until`, only those that are due by then. */
export async function* due(
  table: Table,
  name: Due,
  { from, until }: { from?: string | undefined; until?: Date } = {},
): AsyncGenerator<DueWorkspace> {
  const to = until === undefined ? undefined : instant(until);
  for await (const { pk, dueSk } of everyShardedItem(table, { index: 'due', name, from, to }))
    yield { id: pk.replace('workspace#', ''), sort: String(dueSk) };
}

/**
 * 1 if any workspace runs or has an active build, so that the gateway is needed; else 0. Reads one key per partition.
 */
export const isBusy = async (table: Table): Promise<0 | 1> => {
  const partitions = [...partitionsOf('running'), ...partitionsOf('building')];
  const pages = await Promise.all(partitions.map((pk) => table.query({ index: 'due', pk, limit: 1 })));
  return pages.some(({ items }) => items.length > 0) ? 1 : 0;
};
