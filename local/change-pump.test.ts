import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../adapters/table/sqlite.ts';
import { changeRecordOf } from '../adapters/table/stream-records.ts';
import { eachRecord } from '../functions/stream/records.ts';
import { pumpChanges, type StreamHandler } from './change-pump.ts';

let table: SqliteTable;
let pump: ReturnType<typeof pumpChanges> | undefined;
const logged: string[] = [];
const log = (level: string, message: string) => void logged.push(`${level} ${message}`);

beforeEach(() => {
  table = openSqliteTable(':memory:', { consumers: ['one', 'two', 'audit'] });
  logged.length = 0;
});
afterEach(async () => {
  await pump?.close();
  table.close();
});

const write = (name: string) => table.write([{ put: { pk: name, sk: 's' } }]);

/** A consumer that notes what it was handed, and fails at the names of `poison` as often as it is said there. */
const givenHandler = (poison: Record<string, number> = {}) => {
  const seen: string[] = [];
  const handler: StreamHandler = (event) =>
    eachRecord(
      event,
      async ({ key }) => {
        const left = poison[key.pk] ?? 0;
        poison[key.pk] = left - 1;
        if (left > 0) throw new Error('poison');
        seen.push(key.pk);
      },
      log,
    );
  return { seen, handler };
};

test('every consumer gets every change in order, also those from before it was listening', async () => {
  await write('a');
  const [one, two] = [givenHandler(), givenHandler()];
  pump = pumpChanges(table, { one: one.handler, two: two.handler }, log, 1);
  for (const name of ['b', 'c', 'd']) await write(name);
  await expect
    .poll(() => [one.seen, two.seen])
    .toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
    ]);
});

test('a record that fails is delivered again, from there on', async () => {
  const { seen, handler } = givenHandler({ b: 2 });
  pump = pumpChanges(table, { one: handler, two: async () => ({ batchItemFailures: [] }) }, log, 1);
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => seen).toEqual(['a', 'b', 'c']);
});

test('a poison record is left out in the end, and holds up neither those behind it nor the other consumer', async () => {
  const [one, two] = [givenHandler({ b: Number.POSITIVE_INFINITY }), givenHandler()];
  pump = pumpChanges(table, { one: one.handler, two: two.handler }, log, 1);
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => one.seen).toEqual(['a', 'c']);
  expect(two.seen).toEqual(['a', 'b', 'c']);
  expect(logged).toContain('error a change is left out after it failed too often');
});

test('a handler that throws as a whole is tried again', async () => {
  let calls = 0;
  const seen: string[] = [];
  const handler: StreamHandler = async ({ Records }) => {
    calls += 1;
    if (calls === 1) throw new Error('not now');
    seen.push(...Records.map((record) => changeRecordOf(record).key.pk));
    return { batchItemFailures: [] };
  };
  pump = pumpChanges(table, { one: handler, two: handler }, log, 1);
  await write('a');
  await expect.poll(() => seen).toEqual(['a', 'a']);
});

test('nothing of the audit is left out, however long its sink is away', async () => {
  const { seen, handler } = givenHandler({ a: 12 });
  pump = pumpChanges(table, { audit: handler }, log, 1);
  for (const name of ['a', 'b']) await write(name);
  await expect.poll(() => seen).toEqual(['a', 'b']);
});
