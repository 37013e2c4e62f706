import { createHash } from 'node:crypto';
import * as z from 'zod';
import { indexKey } from '../../contracts/table-indexes.ts';
import type { Item, Key, Page, Query } from '../../core/ports/table.ts';
import { decodeCursor, encodeCursor, notACursor } from '../../core/table/cursor.ts';
import { pkBytesLimit, skBytesLimit } from './checks.ts';
import { compareText } from './order.ts';

/** The end of a page: the last item's key, and its sort key in the queried index. */
export interface Position extends Key {
  sort: string;
}

const keyText = (bytes: number) =>
  z.string().refine((text) => text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= bytes);
const Cursor = z.strictObject({
  query: z.string(),
  sort: keyText(skBytesLimit),
  pk: keyText(pkBytesLimit),
  sk: keyText(skBytesLimit),
});

const fingerprint = ({ pk, index, prefix, from, to, reverse = false }: Query): string =>
  createHash('sha256')
    .update(JSON.stringify([pk, index, prefix, from, to, reverse]))
    .digest('base64url')
    .slice(0, 16);

const encode = (query: Query, { sort, pk, sk }: Position): string =>
  encodeCursor({ query: fingerprint(query), sort, pk, sk });

/** A forged position outside the range would fail in DynamoDB and return wrong items in SQLite. */
const isInside = (sort: string, { prefix, from, to }: Query): boolean =>
  (prefix === undefined || sort.startsWith(prefix)) &&
  (from === undefined || compareText(sort, from) >= 0) &&
  (to === undefined || compareText(sort, to) <= 0);

const isOwn = ({ pk, sk, sort }: Position, query: Query): boolean =>
  query.index !== undefined || (pk === query.pk && sk === sort);

/** Returns the position of the query's cursor, if any. Throws `invalid_request` for a cursor of another query. */
export const startOf = (query: Query): Position | undefined => {
  if (query.cursor === undefined) return undefined;
  const read = Cursor.safeParse(decodeCursor(query.cursor));
  if (!read.success || read.data.query !== fingerprint(query)) throw notACursor(read.error);
  const { sort, pk, sk } = read.data;
  if (!isInside(sort, query) || !isOwn({ sort, pk, sk }, query)) throw notACursor();
  return { sort, pk, sk };
};

/** A range that ends before its start is empty, and DynamoDB rejects such a query. */
export const isEmptyRange = ({ from, to }: Query): boolean =>
  from !== undefined && to !== undefined && compareText(from, to) > 0;

const positionOf = (item: Item, { index }: Query): Position => ({
  sort: index === undefined ? item.sk : String(item[indexKey(index).sk]),
  pk: item.pk,
  sk: item.sk,
});

/**
 * Returns a page from items that were read with one more than the query's limit, so that `next` is set only if more
 * items follow. `isMore` overrides this when an unreadable item was omitted.
 */
export const pageOf = (query: Query, read: Item[], isMore = read.length > query.limit): Page => {
  const items = read.slice(0, query.limit);
  const last = items.at(-1);
  return last === undefined || !isMore ? { items } : { items, next: encode(query, positionOf(last, query)) };
};
