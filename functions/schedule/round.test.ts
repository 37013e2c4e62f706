import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import { padded } from '../../core/table/item.ts';
import { takeTurn } from './round.ts';

let table: SqliteTable;
let clock = 0;
beforeEach(() => {
  table = openSqliteTable(':memory:');
  clock = 0;
});
afterEach(() => table.close());

const all = Array.from({ length: 450 }, (_, n) => ({ sort: `ws-${padded(n, 26)}` }));
async function* list(from = '') {
  yield* all.filter(({ sort }) => sort >= from);
}

/** Runs one turn of 100 ms, and returns the items it worked on. */
const turn = async (work: (sort: string) => Promise<void>, more: { atMost?: number } = {}): Promise<string[]> => {
  const seen: string[] = [];
  const until = clock + 100;
  await takeTurn({ table, round: 'r', until, now: () => clock, atOnce: 10, ...more }, list, async ({ sort }) => {
    seen.push(sort);
    await work(sort);
  });
  return seen;
};
const taking = (ms: number) => async () => {
  clock += ms;
};

test('a round works on each item once, and then begins again', async () => {
  const seen: string[] = [];
  while (seen.length < all.length) seen.push(...(await turn(taking(1), { atMost: 200 })));
  expect(seen).toEqual(all.map(({ sort }) => sort));
  expect((await turn(taking(1)))[0]).toBe(all[0]?.sort);
});

test('a turn without time left still works on one item, so that the round makes progress', async () => {
  const slow = taking(1_000);
  const seen = [...(await turn(slow)), ...(await turn(slow)), ...(await turn(slow))];
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThanOrEqual(3);
});

test('hanging items do not extend a turn, and the next turn continues after them', async () => {
  const hung = new Set<string>();
  const hang = async (sort: string) => {
    hung.add(sort);
    await new Promise(() => undefined);
  };
  expect(await turn(hang)).toHaveLength(10);
  const next = await turn(taking(1));
  expect(next[0]).toBe(all[10]?.sort);
  expect(hung.size).toBe(10);
});

test('a round of one turn writes nothing', async () => {
  expect(await turn(taking(0))).toHaveLength(all.length);
  expect((await table.query({ pk: 'sweep', limit: 10 })).items).toEqual([]);
});
