import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteTable, type SqliteTable } from '../../adapters/table/sqlite/table.ts';
import type { Log } from '../../base/log.ts';
import type { ChangeConsumer } from '../../core/ports/change-consumer.ts';
import { eachChange } from '../../functions/stream/each-change.ts';
import { pumpChanges } from './change-pump.ts';
import { createIncidents, type Incidents, listIncidents } from './incidents.ts';

let table: SqliteTable;
let pump: ReturnType<typeof pumpChanges> | undefined;
const logged: string[] = [];
const log: Log = (level, message) => void logged.push(`${level} ${message}`);

beforeEach(() => {
  table = openSqliteTable(':memory:', { consumers: ['one', 'two', 'audit'] });
  logged.length = 0;
  troubles = createIncidents(log, () => new Date());
});
let troubles: Incidents;
afterEach(async () => {
  await pump?.close();
  table.close();
});

/** A consumer that takes everything. */
const nothing = (): ChangeConsumer => async () => undefined;

const write = (name: string) => table.write([{ put: { pk: name, sk: 's' } }]);

/** A consumer that notes what it was handed, and fails at the names of `poison` as often as it is said there. */
const givenHandler = (poison: Record<string, number> = {}) => {
  const seen: string[] = [];
  const handler = eachChange(async ({ key }) => {
    const left = poison[key.pk] ?? 0;
    poison[key.pk] = left - 1;
    if (left > 0) throw new Error('poison');
    seen.push(key.pk);
  }, log);
  return { seen, handler };
};

test('every consumer gets every change in order, also those from before it was listening', async () => {
  await write('a');
  const [one, two] = [givenHandler(), givenHandler()];
  pump = pumpChanges(table, { one: () => one.handler, two: () => two.handler }, { log, troubles, firstPauseMs: 1 });
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
  pump = pumpChanges(table, { one: () => handler, two: nothing }, { log, troubles, firstPauseMs: 1 });
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => seen.toSorted()).toEqual(['a', 'b', 'c']);
});

test('a poison record is left out in the end, and holds up neither those behind it nor the other consumer', async () => {
  const [one, two] = [givenHandler({ b: Number.POSITIVE_INFINITY }), givenHandler()];
  pump = pumpChanges(table, { one: () => one.handler, two: () => two.handler }, { log, troubles, firstPauseMs: 1 });
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => one.seen).toEqual(['a', 'c']);
  expect(two.seen).toEqual(['a', 'b', 'c']);
  await expect.poll(() => logged).toContain('error a change is left out after it failed too often');
});

test('poison of some subjects holds up no other, nor what comes later of others', async () => {
  const poison = Object.fromEntries(['p1', 'p2', 'p3', 'p4', 'p5'].map((name) => [name, Number.POSITIVE_INFINITY]));
  const { seen, handler } = givenHandler(poison);
  // Nobody waits for it: with pauses of an hour the others must come through before any second try.
  pump = pumpChanges(table, { one: () => handler, two: nothing }, { log, troubles, firstPauseMs: 3_600_000 });
  for (const name of ['a', 'p1', 'p2', 'b', 'p3', 'p4', 'p5', 'c']) await write(name);
  await expect.poll(() => seen).toEqual(['a', 'b', 'c']);
});

test('what comes of one subject keeps its order behind a record that fails', async () => {
  const seen: unknown[] = [];
  let failures = 2;
  const handler = eachChange(async ({ after }) => {
    if (after?.['n'] === 1 && failures-- > 0) throw new Error('not yet');
    seen.push(after?.['n']);
  }, log);
  pump = pumpChanges(table, { one: () => handler, two: nothing }, { log, troubles, firstPauseMs: 1 });
  for (const n of [0, 1, 2, 3]) await table.write([{ put: { pk: 'same', sk: 's', n } }]);
  await expect.poll(() => seen).toEqual([0, 1, 2, 3]);
});

test('what a crash left undone comes again, with all behind it', async () => {
  const first = givenHandler({ b: Number.POSITIVE_INFINITY });
  pump = pumpChanges(
    table,
    { one: () => first.handler, two: () => first.handler },
    { log, troubles, firstPauseMs: 3_600_000 },
  );
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => first.seen.filter((name) => name === 'c')).toHaveLength(2);
  await pump.close();
  const second = givenHandler();
  pump = pumpChanges(table, { one: () => second.handler, two: nothing }, { log, troubles, firstPauseMs: 1 });
  await expect.poll(() => second.seen).toEqual(['b', 'c']);
});

test('a handler that throws as a whole is tried again', async () => {
  let calls = 0;
  const seen: string[] = [];
  const handler: ChangeConsumer = async (changes) => {
    calls += 1;
    if (calls === 1) throw new Error('not now');
    seen.push(...changes.map(({ read }) => read().key.pk));
    return undefined;
  };
  pump = pumpChanges(table, { one: () => handler, two: () => handler }, { log, troubles, firstPauseMs: 1 });
  await write('a');
  await expect.poll(() => seen).toEqual(['a', 'a']);
});

test('nothing of the audit is left out, however long its sink is away', async () => {
  const { seen, handler } = givenHandler({ a: 12 });
  pump = pumpChanges(table, { audit: () => handler }, { log, troubles, firstPauseMs: 1 });
  for (const name of ['a', 'b']) await write(name);
  await expect.poll(() => seen).toEqual(['a', 'b']);
});

test('audit that its sink does not take is told as held up, since when and why, until it goes on', async () => {
  let isAway = true;
  const since = new Date('2026-11-29T10:00:00.000Z');
  let now = since;
  troubles = createIncidents(log, () => now);
  const audit = (): ChangeConsumer => async () => {
    if (isAway) throw new Error('The segment cannot be written: the disk is full');
    return undefined;
  };
  const held = 'The audit is held up: The segment cannot be written: the disk is full.';
  pump = pumpChanges(table, { audit }, { log, troubles, firstPauseMs: 1 });
  await write('a');
  await expect.poll(() => troubles.all()).toMatchObject([{ level: 'fail', since: since.toISOString(), what: held }]);
  now = new Date('2026-11-29T10:01:00.000Z');
  isAway = false;
  await expect.poll(() => troubles.all()).toEqual([]);
  expect(logged.filter((line) => line === `error ${held}`)).toHaveLength(1);
  expect(logged).toContain(`warn over after 60 s: ${held}`);
});

test('a stream that cannot be read or acknowledged is told once, and that it is over', async () => {
  let isBroken = true;
  const broken: SqliteTable = {
    ...table,
    readChanges: (...asked) => {
      if (isBroken) throw new Error('The disk does not answer.');
      return table.readChanges(...asked);
    },
  };
  const { seen, handler } = givenHandler();
  pump = pumpChanges(broken, { one: () => handler }, { log, troubles, firstPauseMs: 1 });
  await write('a');
  const what =
    'Changes are held up: the change stream could not be read or acknowledged for one. The disk does not answer.';
  await expect.poll(() => troubles.all()).toMatchObject([{ level: 'fail', what }]);
  isBroken = false;
  await expect.poll(() => seen).toEqual(['a']);
  await expect.poll(() => troubles.all()).toEqual([]);
  expect(logged.filter((line) => line.includes('held up'))).toEqual([`error ${what}`, `warn over after 0 s: ${what}`]);
});

test('a change that was left out is told for a day, with the reason', async () => {
  const { handler } = givenHandler({ b: Number.POSITIVE_INFINITY });
  const telling =
    (log: Log): ChangeConsumer =>
    async (changes) => {
      const failed = await handler(changes);
      if (failed !== undefined) log('error', 'told', { error: new Error('Nobody knows this state') });
      return failed;
    };
  pump = pumpChanges(table, { one: telling }, { log, troubles, firstPauseMs: 1 });
  for (const name of ['a', 'b']) await write(name);
  const told = (at: Date) => listIncidents(troubles, table, () => at).map(({ level, what }) => `${level} ${what}`);
  const what = 'warn A change of b was left out by one: Nobody knows this state.';
  await expect.poll(() => told(new Date())).toEqual([what]);
  expect(told(new Date(Date.now() + 25 * 3_600_000))).toEqual([]);
});
