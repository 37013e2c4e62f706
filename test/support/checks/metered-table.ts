import { itemBytes } from '../../../adapters/table/values.ts';
import { indexes, indexKey } from '../../../contracts/table-indexes.ts';
import type { Change, Item, Table } from '../../../core/ports/table.ts';

/** The units that DynamoDB would bill. */
export interface TableUsage {
  transactions: number;
  /** Read request units: one per strong read of up to 4 KB, half of one per eventually consistent read of an index. */
  reads: number;
  /** Write request units: one per KB, doubled in a transaction, and once more per index that contains the item. */
  writes: number;
}

const kilobytes = (item: Item): number => Math.max(1, Math.ceil(itemBytes(item) / 1024));
const readUnits = (items: readonly Item[]): number =>
  Math.max(1, Math.ceil(items.reduce((bytes, item) => bytes + itemBytes(item), 0) / 4096));

/** An upper bound: a change of an item is billed by its new size, and in each index as if every index entry changed. */
const writeUnits = (change: Change): number => {
  if (!('put' in change)) return 2;
  const entries = indexes.filter((index) => indexKey(index).pk in change.put).length;
  return kilobytes(change.put) * (2 + entries);
};

/** Each gateway polls the revocations all the time: that usage belongs to the gateway, not to an activity. */
const isPoll = ({ pk }: { pk: string }) => pk === 'revocations';

/**
 * Counts the usage of a table from now on, without polls of revocations: patches `table` in place, and returns one that
 * is not counted as `plain`.
 */
export const meter = (table: Table): { used: TableUsage; puts: readonly Item[]; plain: Table } => {
  const plain: Table = { get: table.get.bind(table), query: table.query.bind(table), write: table.write.bind(table) };
  const puts: Item[] = [];
  const used = { transactions: 0, reads: 0, writes: 0 };
  Object.assign(table, {
    get: async (...[key]: Parameters<Table['get']>) => {
      const item = await plain.get(key);
      used.reads += item === undefined ? 1 : readUnits([item]);
      return item;
    },
    query: async (...[query]: Parameters<Table['query']>) => {
      const page = await plain.query(query);
      if (!isPoll(query)) used.reads += readUnits(page.items) * (query.index === undefined ? 1 : 0.5);
      return page;
    },
    write: async (...[changes]: Parameters<Table['write']>) => {
      await plain.write(changes);
      used.transactions += 1;
      used.writes += changes.reduce((sum, change) => sum + writeUnits(change), 0);
      puts.push(...changes.flatMap((change) => ('put' in change ? [change.put] : [])));
    },
  } satisfies Table);
  return { used, puts, plain };
};
