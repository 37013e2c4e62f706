import { isDeepStrictEqual } from 'node:util';
import { indexes, indexKey } from '../../../contracts/table-indexes.ts';
import { BerthError } from '../../../core/errors.ts';
import { type Change, type Item, type Key, type Table, WriteConflict } from '../../../core/ports/table.ts';
import { checkChanges, checkKey, checkQuery, keyOf } from '../checks.ts';
import { projected } from '../definition.ts';
import { isEmptyRange, pageOf, startOf } from '../paging.ts';
import { itemBytes } from '../values.ts';
import { type ChangeStream, openChangeStream } from './changes.ts';
import { isMet, outcome } from './conditions.ts';
import { expiry, openSqliteFile, type SqliteFile } from './file.ts';
import { selectOf } from './query.ts';

export interface SqliteTableOptions {
  /** Durable names of all consumers of the change stream. Default: those that the file knows. */
  consumers?: readonly string[];
  /** Receives every error of the open file, and reports of unreadable rows. */
  onFailure?: (error: unknown) => void;
}

export interface SqliteTable extends Table, ChangeStream {
  /**
   * Deletes items whose `expires` (seconds since 1970) is past, like DynamoDB's TTL. The change stream has no records
   * of these deletions.
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

/** Returns both keys of an index, or two nulls: an item with only one of them is not in the index. */
const indexValues = (item: Item): (string | null)[] =>
  indexes.flatMap((index) => {
    const { pk, sk } = indexKey(index);
    const values = [item[pk], item[sk]];
    return values.every((value) => typeof value === 'string') ? values : [null, null];
  });

const parse = (body: string): Item => JSON.parse(body) as Item;

/** Parses the row of an item. An invalid row is reported and throws `internal`. */
const parseItem = (file: SqliteFile, key: Key, body: string): Item => {
  try {
    return parse(body);
  } catch (cause) {
    const unreadable = new BerthError(
      'internal',
      `The item ${key.pk} ${key.sk} of the table cannot be read. Restore the table from a backup, or repair or delete its row.`,
      { cause },
    );
    file.report(unreadable);
    throw unreadable;
  }
};

/** Omits an unreadable item from a list and reports it, so that one bad row does not hide all others. */
const parseListed = (file: SqliteFile, { pk, sk, body }: Record<string, unknown>): Item[] => {
  try {
    return [parseItem(file, { pk: String(pk), sk: String(sk) }, String(body))];
  } catch (error) {
    if (error instanceof BerthError) return [];
    throw error;
  }
};

const readBody = (file: SqliteFile, { pk, sk }: Key): string | undefined => {
  const row = file.statement('SELECT body FROM items WHERE pk = ? AND sk = ?').get(pk, sk);
  return row === undefined ? undefined : String(row['body']);
};

/** Items with the same attributes in another order are equal, and their JSON has the same length. */
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
 * Opens or creates the table in a SQLite file (`:memory:` for none), with its change stream, for one process at a time.
 * Throws a `BerthError` `internal` that names the file if it is damaged or not writable.
 */
export const openSqliteTable = (path: string, { consumers, onFailure }: SqliteTableOptions = {}): SqliteTable => {
  const file = openSqliteFile(path, onFailure);
  const { record, announce, ...stream } = openChangeStream(file, consumers);

  /** Returns whether the item changed. */
  const apply = (change: Change, before: string | undefined, current: Item | undefined): boolean => {
    if ('check' in change) return false;
    const next = outcome(change, current);
    if ('add' in change && next !== undefined) itemBytes(next);
    const after = next === undefined ? undefined : JSON.stringify(next);
    // DynamoDB Streams also has no record of a write that changed nothing.
    if (isSame(before, after)) return false;
    store(file, keyOf(change), next, after);
    record(keyOf(change), before, after);
    return true;
  };

  const applyAll = (changes: readonly Change[]): boolean => {
    const found = changes.map((change, index) => {
      const before = readBody(file, keyOf(change));
      const current = before === undefined ? undefined : parseItem(file, keyOf(change), before);
      return { change, index, before, current };
    });
    const lost = found.filter(({ change, current }) => !isMet(change.when ?? {}, current));
    if (lost.length > 0) throw new WriteConflict(lost.map(({ index, current }) => ({ index, current })));
    return found.map(({ change, before, current }) => apply(change, before, current)).includes(true);
  };

  return {
    ...stream,
    get: async (key) => {
      checkKey(key);
      const body = file.run(() => readBody(file, key));
      return body === undefined ? undefined : parseItem(file, key, body);
    },
    query: async (query) => {
      checkQuery(query);
      const start = startOf(query);
      if (isEmptyRange(query)) return { items: [] };
      const { sql, values } = selectOf(query, start);
      const rows = file.run(() => file.statement(sql).all(...values));
      return pageOf(
        query,
        rows.flatMap((row) => parseListed(file, row).map((item) => projected(item, query.index))),
        rows.length > query.limit,
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
