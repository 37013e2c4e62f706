import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite.ts';
import { skeletonKind } from '../../compute/skeleton/skeleton.ts';
import { padded } from '../../core/item.ts';
import { nextOwned } from './round.ts';

let table: SqliteTable;
beforeEach(() => {
  table = openSqliteTable(':memory:');
});
afterEach(() => table.close());

const ids = Array.from({ length: 450 }, (_, n) => `ws-${padded(n, 26)}`);

test('each thing that a kind of compute owns has its turn in a round, and then again', async () => {
  const kind = skeletonKind(new Map([...ids].reverse().map((id) => [id, {}])));
  const turns = [await nextOwned(table, kind), await nextOwned(table, kind), await nextOwned(table, kind)];
  expect(turns.flat().map(({ workspaceId }) => workspaceId)).toEqual(ids);
  expect((await nextOwned(table, kind))[0]?.workspaceId).toBe(ids[0]);
});

test('a round of one turn writes nothing', async () => {
  expect(await nextOwned(table, skeletonKind(new Map(ids.slice(0, 3).map((id) => [id, {}]))))).toHaveLength(3);
  expect((await table.query({ pk: 'sweep', limit: 10 })).items).toEqual([]);
});
