import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import { padded } from './item.ts';
import { everyShardedItem, partitionsOf, queryShards, shardedPartition } from './shards.ts';

let table: SqliteTable;
beforeEach(() => {
  table = openSqliteTable(':memory:');
});
afterEach(() => table.close());

const idOf = (n: number) => `ws-${padded(n, 26)}`;
const givenItems = async (count: number) => {
  const ids = Array.from({ length: count }, (_, n) => idOf(n));
  for (const id of ids) {
    await table.write([{ put: { pk: id, sk: 'a', allPk: shardedPartition('things', id), allSk: id } }]);
  }
  return ids;
};

const things = { index: 'all', name: 'things' } as const;

test('entries are spread over the partitions, so that no partition gets all writes', async () => {
  await givenItems(400);
  const sizes = await Promise.all(
    partitionsOf('things').map(async (pk) => (await table.query({ pk, index: 'all', limit: 1_000 })).items.length),
  );
  expect(sizes).toHaveLength(8);
  expect(Math.max(...sizes)).toBeLessThan(100);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(400);
});

test.each([1, 3, 7, 49, 50, 51])(
  'pages of %i items are in one order, without a gap or a repeated item',
  async (limit) => {
    const ids = await givenItems(50);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await queryShards(table, { ...things, limit, cursor });
      pages.push(page.items.map(({ pk }) => pk));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages.flat()).toEqual(ids);
    // A cursor is there only when something follows.
    expect(pages).toHaveLength(Math.ceil(50 / limit));
  },
);

test('a page continues where the previous one ended, although items were deleted or added meanwhile', async () => {
  const ids = await givenItems(20);
  const { items, next } = await queryShards(table, { ...things, limit: 8 });
  await table.write(items.map(({ pk, sk }) => ({ delete: { pk, sk } })));
  const late = `${idOf(3)}a`;
  await table.write([{ put: { pk: late, sk: 'a', allPk: shardedPartition('things', late), allSk: late } }]);
  const rest = await queryShards(table, { ...things, limit: 100, cursor: next });
  expect(rest.items.map(({ pk }) => pk)).toEqual(ids.slice(8));
});

test('a range includes both of its ends', async () => {
  const ids = await givenItems(30);
  const found = await Array.fromAsync(everyShardedItem(table, { ...things, from: idOf(5), to: idOf(9) }));
  expect(found.map(({ pk }) => pk)).toEqual(ids.slice(5, 10));
});

test('a cursor of another list and a forged cursor are refused', async () => {
  await givenItems(5);
  const { next = '' } = await queryShards(table, { ...things, limit: 2 });
  const forged = (cursor: unknown) => Buffer.from(JSON.stringify(cursor)).toString('base64url');
  for (const cursor of [
    '',
    'garbage',
    forged(null),
    forged({}),
    forged({ list: 'all things', after: 1 }),
    forged({ list: 'all things', after: '\ud800' }),
  ]) {
    const page = queryShards(table, { ...things, limit: 2, cursor });
    await expect(page, cursor).rejects.toMatchObject({ name: 'invalid_request', field: 'cursor' });
  }
  const other = queryShards(table, { index: 'all', name: 'others', limit: 2, cursor: next });
  await expect(other).rejects.toMatchObject({ name: 'invalid_request' });
});
