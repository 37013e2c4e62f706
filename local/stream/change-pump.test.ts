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
  incidents = createIncidents(log, () => new Date());
});
let incidents: Incidents;
afterEach(async () => {
  await pump?.close();
  table.close();
});

/** A consumer that accepts every change. */
const acceptAll = (): ChangeConsumer => async () => undefined;

const write = (name: string) => table.write([{ put: { pk: name, sk: 's' } }]);

/** A consumer that records its changes, and fails at the names of `poison` as often as given there. */
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

test('every consumer gets every change in order, including those written before it subscribed', async () => {
  await write('a');
  const [one, two] = [givenHandler(), givenHandler()];
  pump = pumpChanges(table, { one: () => one.handler, two: () => two.handler }, { log, incidents, firstPauseMs: 1 });
  for (const name of ['b', 'c', 'd']) await write(name);
  await expect
    .poll(() => [one.seen, two.seen])
    .toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
    ]);
});

test('a failed record and those after it are delivered again', async () => {
  const { seen, handler } = givenHandler({ b: 2 });
  pump = pumpChanges(table, { one: () => handler, two: acceptAll }, { log, incidents, firstPauseMs: 1 });
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => seen.toSorted()).toEqual(['a', 'b', 'c']);
});

test('a poison record is skipped in the end, and delays neither later records nor the other consumer', async () => {
  const [one, two] = [givenHandler({ b: Number.POSITIVE_INFINITY }), givenHandler()];
  pump = pumpChanges(table, { one: () => one.handler, two: () => two.handler }, { log, incidents, firstPauseMs: 1 });
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => one.seen).toEqual(['a', 'c']);
  expect(two.seen).toEqual(['a', 'b', 'c']);
  await expect.poll(() => logged).toContain('error a change was skipped after it failed too often');
});

test('poison records of some subjects delay no other subject', async () => {
  const poison = Object.fromEntries(['p1', 'p2', 'p3', 'p4', 'p5'].map((name) => [name, Number.POSITIVE_INFINITY]));
  const { seen, handler } = givenHandler(poison);
  // With pauses of an hour, the others must be delivered before any retry.
  pump = pumpChanges(table, { one: () => handler, two: acceptAll }, { log, incidents, firstPauseMs: 3_600_000 });
  for (const name of ['a', 'p1', 'p2', 'b', 'p3', 'p4', 'p5', 'c']) await write(name);
  await expect.poll(() => seen).toEqual(['a', 'b', 'c']);
});

test('records of one subject stay in order after one that fails', async () => {
  const seen: unknown[] = [];
  let failures = 2;
  const handler = eachChange(async ({ after }) => {
    if (after?.['n'] === 1 && failures-- > 0) throw new Error('not yet');
    seen.push(after?.['n']);
  }, log);
  pump = pumpChanges(table, { one: () => handler, two: acceptAll }, { log, incidents, firstPauseMs: 1 });
  for (const n of [0, 1, 2, 3]) await table.write([{ put: { pk: 'same', sk: 's', n } }]);
  await expect.poll(() => seen).toEqual([0, 1, 2, 3]);
});

test('records that a crash left unhandled are delivered again, with all later ones', async () => {
  const first = givenHandler({ b: Number.POSITIVE_INFINITY });
  pump = pumpChanges(
    table,
    { one: () => first.handler, two: () => first.handler },
    { log, incidents, firstPauseMs: 3_600_000 },
  );
  for (const name of ['a', 'b', 'c']) await write(name);
  await expect.poll(() => first.seen.filter((name) => name === 'c')).toHaveLength(2);
  await pump.close();
  const second = givenHandler();
  pump = pumpChanges(table, { one: () => second.handler, two: acceptAll }, { log, incidents, firstPauseMs: 1 });
  await expect.poll(() => second.seen).toEqual(['b', 'c']);
});

test('a batch whose handler throws is retried', async () => {
  let calls = 0;
  const seen: string[] = [];
  const handler: ChangeConsumer = async (changes) => {
    calls += 1;
    if (calls === 1) throw new Error('not now');
    seen.push(...changes.map(({ read }) => read().key.pk));
    return undefined;
  };
  pump = pumpChanges(table, { one: () => handler, two: () => handler }, { log, incidents, firstPauseMs: 1 });
  await write('a');
  await expect.poll(() => seen).toEqual(['a', 'a']);
});

test('no audit event is skipped, however long the sink is unavailable', async () => {
  const { seen, handler } = givenHandler({ a: 12 });
  pump = pumpChanges(table, { audit: () => handler }, { log, incidents, firstPauseMs: 1 });
  for (const name of ['a', 'b']) await write(name);
  await expect.poll(() => seen).toEqual(['a', 'b']);
});

test('audit events that the sink refuses are reported as an incident with time and reason until they are delivered', async () => {
  let isUnavailable = true;
  const since = new Date('2026-11-29T10:00:00.000Z');
  let now = since;
  incidents = createIncidents(log, () => now);
  const audit = (): ChangeConsumer => async () => {
    if (isUnavailable) throw new Error('The segment cannot be written: the disk is full');
    return undefined;
  };
  const what = 'The audit events are delayed: The segment cannot be written: the disk is full.';
  pump = pumpChanges(table, { audit }, { log, incidents, firstPauseMs: 1 });
  await write('a');
  await expect.poll(() => incidents.current()).toMatchObject([{ level: 'fail', since: since.toISOString(), what }]);
  now = new Date('2026-11-29T10:01:00.000Z');
  isUnavailable = false;
  await expect.poll(() => incidents.current()).toEqual([]);
  expect(logged.filter((line) => line === `error ${what}`)).toHaveLength(1);
  expect(logged).toContain(`warn resolved after 60s: ${what}`);
});

test('an unreadable stream is reported once, and again when it is resolved', async () => {
  let isBroken = true;
  const broken: SqliteTable = {
    ...table,
    readChanges: (...query) => {
      if (isBroken) throw new Error('The disk does not respond.');
      return table.readChanges(...query);
    },
  };
  const { seen, handler } = givenHandler();
  pump = pumpChanges(broken, { one: () => handler }, { log, incidents, firstPauseMs: 1 });
  await write('a');
  const what =
    'Changes are delayed: the change stream could not be read or acknowledged for one. The disk does not respond.';
  await expect.poll(() => incidents.current()).toMatchObject([{ level: 'fail', what }]);
  isBroken = false;
  await expect.poll(() => seen).toEqual(['a']);
  await expect.poll(() => incidents.current()).toEqual([]);
  expect(logged.filter((line) => line.includes('are delayed'))).toEqual([
    `error ${what}`,
    `warn resolved after 0s: ${what}`,
  ]);
});

test('a skipped change is listed for a day, with the reason', async () => {
  const { handler } = givenHandler({ b: Number.POSITIVE_INFINITY });
  const loggingConsumer =
    (log: Log): ChangeConsumer =>
    async (changes) => {
      const failed = await handler(changes);
      if (failed !== undefined) log('error', 'failed', { error: new Error('The state is unknown') });
      return failed;
    };
  pump = pumpChanges(table, { one: loggingConsumer }, { log, incidents, firstPauseMs: 1 });
  for (const name of ['a', 'b']) await write(name);
  const listed = (at: Date) => listIncidents(incidents, table, () => at).map(({ level, what }) => `${level} ${what}`);
  const what = 'warn A change of b was skipped by one: The state is unknown.';
  await expect.poll(() => listed(new Date())).toEqual([what]);
  expect(listed(new Date(Date.now() + 25 * 3_600_000))).toEqual([]);
});
