import { createHash } from 'node:crypto';
import * as z from 'zod';
import { BerthError } from '../../core/errors.ts';
import type { Item, Key, Page, Query } from '../../core/ports.ts';
import { pkBytesLimit, skBytesLimit } from './checks.ts';
import { indexKey } from './definition.ts';
import { compareText } from './order.ts';

/** Where a page ended: the last item's key, and its sort key in the index that was asked. */
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
  Buffer.from(JSON.stringify({ query: fingerprint(query), sort, pk, sk })).toString('base64url');

const decodeJson = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw notACursor(error);
  }
};

const notACursor = (cause?: unknown): BerthError =>
  new BerthError('invalid_request', 'The cursor was not made by this list. Read the list again from its start.', {
    field: 'cursor',
    cause,
  });

/** A forged position outside the range would be an error of DynamoDB's and an early answer of SQLite's. */
const isInside = (sort: string, { prefix, from, to }: Query): boolean =>
  (prefix === undefined || sort.startsWith(prefix)) &&
  (from === undefined || compareText(sort, from) >= 0) &&
  (to === undefined || compareText(sort, to) <= 0);

const isOwn = ({ pk, sk, sort }: Position, query: Query): boolean =>
  query.index !== undefined || (pk === query.pk && sk === sort);

/** The position behind the query's cursor; `undefined` without one. Throws `invalid_request` for another's cursor. */
export const startOf = (query: Query): Position | undefined => {
  if (query.cursor === undefined) return undefined;
  const read = Cursor.safeParse(decodeJson(query.cursor));
  if (!read.success || read.data.query !== fingerprint(query)) throw notACursor(read.error);
  const { sort, pk, sk } = read.data;
  if (!isInside(sort, query) || !isOwn({ sort, pk, sk }, query)) throw notACursor();
  return { sort, pk, sk };
};

/** A range whose end is before its start holds nothing (and DynamoDB refuses to be asked). */
export const isEmptyRange = ({ from, to }: Query): boolean =>
  from !== undefined && to !== undefined && compareText(from, to) > 0;

const positionOf = (item: Item, { index }: Query): Position => ({
  sort: index === undefined ? item.sk : String(item[indexKey(index).sk]),
  pk: item.pk,
  sk: item.sk,
});

/** The page of items that were read with one more than the query's limit, so that `next` is only there when true. */
export const pageOf = (query: Query, items: Item[]): Page => {
  const last = items[query.limit - 1];
  if (last === undefined || items.length <= query.limit) return { items };
  return { items: items.slice(0, query.limit), next: encode(query, positionOf(last, query)) };
};
