import { createHash } from 'node:crypto';
import type { Index, Item, Page, Table } from '../ports/table.ts';
import { decodeCursor, encodeCursor, notACursor } from './cursor.ts';

/**
 * One partition of a DynamoDB index takes 1,000 writes a second, and one that is full refuses the writes of the table's
 * items too. 2,000 starts in a minute write their workspaces about ten times each, 333 a second: eight partitions leave
 * room for twenty times that.
 */
const shardCount = 8;

const shardOf = (id: string): number => (createHash('sha256').update(id).digest()[0] ?? 0) % shardCount;

/** The shard of the index partition `name` for `id`. */
export const shardedPartition = (name: string, id: string): string => `${name}#${shardOf(id)}`;

/** All shards of an index partition. */
export const partitionsOf = (name: string): string[] =>
  Array.from({ length: shardCount }, (_, shard) => `${name}#${shard}`);

interface ShardedQuery {
  index: Index;
  /** The name that the shards have in common. */
  name: string;
  /** Sort keys from this one on, inclusive. */
  from?: string | undefined;
  /** Sort keys up to this one, inclusive. */
  to?: string | undefined;
  limit: number;
  /** `next` of the previous page. */
  cursor?: string | undefined;
}

/** A sort key contains the item's ID, so it is unique within a name, and a page can end at a sort key. */
const encode = ({ index, name }: ShardedQuery, after: string): string =>
  encodeCursor({ list: `${index} ${name}`, after });

const decode = ({ index, name, cursor }: ShardedQuery): string | undefined => {
  if (cursor === undefined) return undefined;
  const { list, after }: { list?: unknown; after?: unknown } = Object(decodeCursor(cursor));
  const isSortKey =
    typeof after === 'string' && after !== '' && after.isWellFormed() && Buffer.byteLength(after) <= 1_024;
  if (list !== `${index} ${name}` || !isSortKey) throw notACursor();
  return after;
};

/** A page over all partitions of a name, in order of the sort key as if they were one. A bounded query of each. */
export const queryShards = async (table: Table, query: ShardedQuery): Promise<Page> => {
  const { index, name, to, limit } = query;
  const after = decode(query);
  const from = after !== undefined && (query.from === undefined || after > query.from) ? after : query.from;
  const sortKey = (item: Item): string => String(item[`${index}Sk`]);
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  // One more than the page shows whether there is a next page. One more again, because the range begins with the last
  // item of the previous page.
  const pages = await Promise.all(
    partitionsOf(name).map((pk) => table.query({ index, pk, ...range, limit: limit + 2 })),
  );
  const found = pages
    .flatMap(({ items }) => items)
    .filter((item) => sortKey(item) !== after)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length <= limit || last === undefined ? { items } : { items, next: encode(query, sortKey(last)) };
};

/** All items of a name's partitions in a range; reads the next page when it is needed. */
export async function* everyShardedItem(
  table: Table,
  query: Omit<ShardedQuery, 'limit' | 'cursor'>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page: Page = await queryShards(table, { ...query, limit: 400, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
