import type { Table } from '../../core/ports.ts';

/** Whether any workspace runs or is being worked on, as 1 or 0: then the gateway is needed. Two reads of one item. */
export const isBusy = async (table: Table): Promise<0 | 1> => {
  const first = (pk: 'running' | 'building') => table.query({ index: 'due', pk, limit: 1 });
  const pages = await Promise.all([first('running'), first('building')]);
  return pages.some(({ items }) => items.length > 0) ? 1 : 0;
};
