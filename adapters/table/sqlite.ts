import { isDeepStrictEqual } from 'node:util';
import { type Change, type Item, type Key, type Table, WriteConflict } from '../../core/ports.ts';
import { checkChanges, checkKey, checkQuery, keyOf } from './checks.ts';
import { holds, outcome } from './conditions.ts';
import { indexes, indexKey } from './definition.ts';
import { isEmptyRange, pageOf, startOf } from './paging.ts';
import { type ChangeStream, openChangeStream } from './sqlite-changes.ts';
import { expiry, openSqliteFile, type SqliteFile } from './sqlite-file.ts';
import { selectOf } from './sqlite-query.ts';
import { itemBytes } from './values.ts';

export interface SqliteTableOptions {
  /** Everybody who reads the change stream, by durable name. Without it, those that the file knows. */
  consumers?: readonly string[];
}

export interface SqliteTable extends Table, ChangeStream {
  /**
   * Deletes items whose number `expires` (seconds since 1970) is past, as DynamoDB does by itself. The change stream
   * says nothing of them.
   */
  deleteExpired(now: Date): void;
  close(): void;
}

const columns = ['pk', 'sk', 'body', ...indexes.flatMap((index) => [`${index}_pk`, `${index}_sk`])];
const upsert = `INSERT INTO items (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
  ON CONFLICT (pk, sk) DO UPDATE SET ${columns
    .slice(2)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

/** Both keys of an index, or two nulls: an item that has only one of them is not in the index. */
const indexValues = (item: Item): (string | null)[] =>
  indexes.flatMap((index) => {
    const { pk, sk } = indexKey(index);
    const values = [item[pk], item[sk]];
    return values.every((value) => typeof value === 'string') ? values : [null, null];
  });

const parse = (body: string): Item => JSON.parse(body) as Item;

const readBody = (file: SqliteFile, { pk, sk }: Key): string | undefined => {
  const row = file.statement('SELECT body FROM items WHERE pk = ? AND sk = ?').get(pk, sk);
  return row === undefined ? undefined : String(row['body']);
};

/** Same attributes in another order are the same item, and their JSON has the same length. */
const isSame = (before: string | undefined, after: string | undefined): boolean => {
  if (before === after) return true;
  if (before === undefined || after === undefined || before.length !== after.length) return false;
  return isDeepStrictEqual(parse(before), parse(after));
};

const store = (file: SqliteFile, key: Key, item: Item | undefined, body: string | undefined): void => {
  if (item === undefined || body === undefined) {
    file.statement('DELETE FROM items WHERE pk = ? AND sk = ?').run(key.pk, key.sk);
  } else {
    file.statement(upsert).run(key.pk, key.sk, body, ...indexValues(item));
  }
};

/**
 * Opens (or makes) the table in a SQLite file (`:memory:` for none), with its change stream, for one process at a
 * time. A file that is damaged or cannot be written throws a `BerthError` `internal` that names it.
 */
export const openSqliteTable = (path: string, { consumers }: SqliteTableOptions = {}): SqliteTable => {
  const file = openSqliteFile(path);
  const { record, announce, ...stream } = openChangeStream(file, consumers);

  /** Whether the item is another one than before. */
  const apply = (change: Change, before: string | undefined, current: Item | undefined): boolean => {
    if ('check' in change) return false;
    const next = outcome(change, current);
    if ('add' in change && next !== undefined) itemBytes(next);
    const after = next === undefined ? undefined : JSON.stringify(next);
    // DynamoDB's stream, too, says nothing of a write that changed nothing.
    if (isSame(before, after)) return false;
    store(file, keyOf(change), next, after);
    record(keyOf(change), before, after);
    return true;
  };

  const applyAll = (changes: readonly Change[]): boolean => {
    const found = changes.map((change, index) => {
      const before = readBody(file, keyOf(change));
      return { change, index, before, current: before === undefined ? undefined : parse(before) };
    });
    const lost = found.filter(({ change, current }) => !holds(change.when ?? {}, current));
    if (lost.length > 0) throw new WriteConflict(lost.map(({ index, current }) => ({ index, current })));
    return found.map(({ change, before, current }) => apply(change, before, current)).includes(true);
  };

  return {
    ...stream,
    get: async (key) => {
      checkKey(key);
      const body = file.run(() => readBody(file, key));
      return body === undefined ? undefined : parse(body);
    },
    query: async (query) => {
      checkQuery(query);
      const start = startOf(query);
      if (isEmptyRange(query)) return { items: [] };
      const { sql, values } = selectOf(query, start);
      const rows = file.run(() => file.statement(sql).all(...values));
      return pageOf(
        query,
        rows.map((row) => parse(String(row['body']))),
      );
    },
    write: async (changes) => {
      checkChanges(changes);
      if (file.transaction(() => applyAll(changes))) announce();
    },
    deleteExpired: (now) => {
      file.transaction(() =>
        file.statement(`DELETE FROM items WHERE ${expiry} < ?`).run(Math.floor(now.getTime() / 1000)),
      );
    },
    close: file.close,
  };
};
