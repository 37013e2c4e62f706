import type { Table } from '../../core/ports/table.ts';
import { partitionsOf } from '../../core/table/shards.ts';

/**
 * 1 when any workspace runs or has an active build, else 0: then the gateway is needed. Reads one key per partition.
 */
export const isBusy = async (table: Table): Promise<0 | 1> => {
  const partitions = [...partitionsOf('running'), ...partitionsOf('building')];
  const pages = await Promise.all(partitions.map((pk) => table.query({ index: 'due', pk, limit: 1 })));
  return pages.some(({ items }) => items.length > 0) ? 1 : 0;
};
