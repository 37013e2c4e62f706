import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runUntilKilled } from '../../../test/support/run-until-killed.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { openSqliteTable, type SqliteTable, type SqliteTableOptions } from './table.ts';

let folder: string;
let file: string;
const opened: SqliteTable[] = [];
const open = (options?: SqliteTableOptions): SqliteTable => {
  const table = openSqliteTable(file, options);
  opened.push(table);
  return table;
};
const close = () => {
  for (const table of opened.splice(0)) table.close();
};

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'table.db');
});
afterEach(() => {
  close();
});

const a = { pk: 'p', sk: 'a' };
const b = { pk: 'p', sk: 'b' };

describe('the file', () => {
  it('keeps its items when it is opened again', async () => {
    await open().write([{ put: { ...a, n: 1 } }]);
    close();
    expect(await open().get(a)).toEqual({ ...a, n: 1 });
  });

  it('is not created for :memory:', async () => {
    file = ':memory:';
    const table = open();
    await table.write([{ put: a }]);
    expect(await table.get(a)).toEqual(a);
    expect(existsSync(file)).toBe(false);
  });

  it('is readable by its owner only', async () => {
    await open().write([{ put: a }]);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).toEqual(modes.map(() => 0o600));
    expect(modes.length).toBeGreaterThan(1);
  });

  it('has every write that resolved before the process was killed', async () => {
    const program = `
      import { openSqliteTable } from ${JSON.stringify(new URL('./table.ts', import.meta.url).href)};
      const table = openSqliteTable(${JSON.stringify(file)});
      for (let n = 1; ; n += 1) {
        await table.write([{ put: { pk: 'p', sk: 'a', n } }, { put: { pk: 'p', sk: 'b', n } }]);
        process.stdout.write(n + '\\n');
      }`;
    const acknowledged = await runUntilKilled(program, 200);
    const table = open();
    const [first, second] = [await table.get(a), await table.get(b)];
    expect(first?.['n']).toBeGreaterThanOrEqual(acknowledged);
    expect(second?.['n']).toBe(first?.['n']);
  });

  const givenGarbage = () => {
    writeFileSync(file, Buffer.alloc(8_192, 'garbage'));
    return file;
  };
  const givenFileAsFolder = () => {
    writeFileSync(file, '');
    return join(file, 'table.db');
  };
  const givenNewerFile = () => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    return file;
  };

  it.each<[string, () => string, RegExp]>([
    ['has garbage', givenGarbage, /restore it from a backup/],
    ['has a file as its folder', givenFileAsFolder, /parent is a file/],
    ['has no folder', () => join(folder, 'missing', 'table.db'), /create the folder/],
    ['is a folder', () => folder, /is a folder/],
    ['is of a newer version', givenNewerFile, /newer version of Berth/],
  ])('that %s throws one sentence with its path', (_, given, advice) => {
    file = given();
    let thrown: unknown;
    try {
      open();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'internal', message: expect.stringMatching(advice) });
    expect((thrown as Error).message).toContain(`The table file ${file} `);
    expect((thrown as Error).message).toMatch(/^[^\n]+[^.]\.$/);
  });

  it('that is damaged throws when the damage is read', async () => {
    const table = open();
    for (let n = 0; n < 200; n += 1) await table.write([{ put: { pk: 'p', sk: `${n}`, text: 'x'.repeat(1_000) } }]);
    close();
    const size = statSync(file).size;
    const database = new DatabaseSync(file);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    writeFileSync(file, Buffer.alloc(size - 8 * 4_096, 0xff), { flag: 'r+' });
    expect(() => open()).toThrow(/damaged/);
  });
});

describe('the change stream', () => {
  const images = (table: SqliteTable, consumer: string) =>
    table.readChanges(consumer, 100).map(({ key, before, after }) => ({ key, before, after }));

  it('has the images before and after each change, in order', async () => {
    const table = open({ consumers: ['one'] });
    await table.write([{ put: { ...a, n: 1 } }, { put: b }]);
    await table.write([
      { add: a, amounts: { n: 2 } },
      { delete: b },
      { check: { pk: 'p', sk: 'c' }, when: { absent: true } },
    ]);
    expect(images(table, 'one')).toEqual([
      { key: a, after: { ...a, n: 1 } },
      { key: b, after: b },
      { key: a, before: { ...a, n: 1 }, after: { ...a, n: 3 } },
      { key: b, before: b },
    ]);
    const seqs = table.readChanges('one', 100).map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.toSorted((x, y) => x - y));
  });

  it('has no records of writes that changed nothing or failed', async () => {
    const table = open({ consumers: ['one'] });
    await table.write([{ put: { ...a, n: 0, list: [{ x: 1, y: 2 }] } }]);
    const before = images(table, 'one');
    await table.write([{ put: { list: [{ y: 2, x: 1 }], n: -0, ...a } }]);
    await table.write([{ add: a, amounts: { n: 0 } }, { delete: b }]);
    await expect(table.write([{ put: b }, { put: { ...a }, when: { absent: true } }])).rejects.toThrow();
    expect(images(table, 'one')).toEqual(before);
  });

  it('delivers changes again until the consumer acknowledges them, also after a restart', async () => {
    const table = open({ consumers: ['one'] });
    await table.write([{ put: a }, { put: b }]);
    const [first] = table.readChanges('one', 1);
    expect(table.readChanges('one', 1)).toEqual([first]);
    table.acknowledge('one', first?.seq ?? '');
    close();
    const again = open({ consumers: ['one'] });
    expect(images(again, 'one')).toEqual([{ key: b, after: b }]);
    again.acknowledge('one', '0');
    expect(images(again, 'one')).toHaveLength(1);
  });

  it('stores a change until the last consumer has acknowledged it', async () => {
    const stored = () =>
      new DatabaseSync(file, { readOnly: true }).prepare('SELECT count(*) AS n FROM changes').get()?.['n'];
    const table = open({ consumers: ['one', 'two'] });
    await table.write([{ put: a }, { put: b }]);
    const last = table.readChanges('one', 10).at(-1)?.seq ?? '';
    table.acknowledge('one', last);
    expect(stored()).toBe(2);
    expect(images(table, 'two')).toHaveLength(2);
    table.acknowledge('two', last);
    expect(stored()).toBe(0);
    await table.write([{ delete: a }]);
    expect(Number(table.readChanges('one', 10)[0]?.seq)).toBeGreaterThan(Number(last));
  });

  it('removes consumers that are no longer named', async () => {
    const table = open({ consumers: ['one', 'gone'] });
    await table.write([{ put: a }]);
    close();
    const again = open({ consumers: ['one'] });
    expect(() => again.readChanges('gone', 1)).toThrow(TypeError);
    expect(images(again, 'one')).toHaveLength(1);
  });

  it('calls listeners after each commit until they unsubscribe', async () => {
    const table = open({ consumers: ['one'] });
    const seen: number[] = [];
    const unsubscribe = table.onChange(() => seen.push(table.readChanges('one', 10).length));
    await table.write([{ put: a }]);
    await expect.poll(() => seen).toEqual([1]);
    await table.write([{ put: a }]);
    unsubscribe();
    await table.write([{ put: b }]);
    await table.get(a);
    expect(seen).toEqual([1]);
  });
});

it('the query plan of a page does not depend on its start', async () => {
  const table = open();
  for (let n = 0; n < 10; n += 1) await table.write([{ put: { pk: `p${n}`, sk: 's', allPk: 'x', allSk: `k${n}` } }]);
  const { next = '' } = await table.query({ pk: 'x', index: 'all', prefix: 'k', limit: 3 });
  const database = new DatabaseSync(file, { readOnly: true });
  const { selectOf } = await import('./query.ts');
  const { startOf } = await import('../paging.ts');
  for (const reverse of [false, true]) {
    const query = { pk: 'x', index: 'all' as const, prefix: 'k', limit: 3 };
    const { sql, values } = selectOf({ ...query, reverse }, startOf({ ...query, cursor: next }));
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map(({ detail }) => detail);
    expect(plan).toEqual([
      expect.stringMatching(/^SEARCH items USING INDEX items_all \(all_pk=\? AND .*\(all_sk,pk,sk\)/),
    ]);
  }
});

it('deletes expired items only', async () => {
  const table = open();
  const now = new Date('2026-11-20T10:00:00Z');
  const seconds = now.getTime() / 1000;
  await table.write([
    { put: { ...a, expires: seconds - 1 } },
    { put: { ...b, expires: seconds + 1 } },
    { put: { pk: 'p', sk: 'c' } },
  ]);
  table.deleteExpired(now);
  const { items } = await table.query({ pk: 'p', limit: 10 });
  expect(items.map(({ sk }) => sk)).toEqual(['b', 'c']);
});
