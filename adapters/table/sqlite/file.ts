import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { indexes } from '../../../contracts/table-indexes.ts';
import { BerthError } from '../../../core/errors.ts';

/** SQLite's name of an in-memory database. */
const inMemory = ':memory:';
const schemaVersion = 1;
const busyMs = 5_000;
/** Pages of 4 KB in the write-ahead log before a checkpoint. SQLite's default of 1,000 slows writes by a sixth. */
const checkpointPages = 4_000;

const indexColumns = indexes.map((index) => `${index}_pk TEXT, ${index}_sk TEXT`).join(', ');
const indexDefinitions = indexes.map(
  (index) =>
    `CREATE INDEX IF NOT EXISTS items_${index} ON items (${index}_pk, ${index}_sk, pk, sk) WHERE ${index}_pk IS NOT NULL;`,
);

/** When an item may be deleted. Most items never expire and are not in this index. */
export const expiry = "(body ->> 'expires')";

const schema = `
  CREATE TABLE IF NOT EXISTS items (pk TEXT NOT NULL, sk TEXT NOT NULL, body TEXT NOT NULL, ${indexColumns}, PRIMARY KEY (pk, sk));
  ${indexDefinitions.join('\n  ')}
  CREATE INDEX IF NOT EXISTS items_expiry ON items (${expiry}) WHERE ${expiry} IS NOT NULL;
  CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, sk TEXT NOT NULL, before TEXT, after TEXT);
  CREATE TABLE IF NOT EXISTS unreadable_changes (seq INTEGER PRIMARY KEY, pk TEXT NOT NULL, sk TEXT NOT NULL, before TEXT, after TEXT);
  CREATE TABLE IF NOT EXISTS left_out_changes (seq INTEGER NOT NULL, consumer TEXT NOT NULL, at TEXT NOT NULL, pk TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (seq, consumer)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS positions (consumer TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

const reasons: Record<string, string> = {
  EACCES: 'is not writable: check the permissions of the file and its folder',
  EROFS: 'is on a read-only disk: choose another folder',
  ENOENT: 'has no parent folder: create the folder first',
  ENOTDIR: 'cannot be created, because its parent is a file and not a folder: choose another folder',
  EISDIR: 'is a folder: choose another file name',
  ENOSPC: 'cannot grow, because the disk is full: free some disk space',
  26: 'is damaged or is not a table file: restore it from a backup, or move it away to start with an empty table',
  11: 'is damaged: restore it from a backup, or move it away to start with an empty table',
  13: 'cannot grow, because the disk is full: free some disk space',
  8: 'is not writable: check the permissions of the file and its folder',
  5: 'is locked: end the other program that uses it',
};

/** Returns SQLite's primary result code or the file system's error code; `undefined` for other errors. */
const codeOf = (error: Error): string | undefined => {
  if ('errcode' in error && typeof error.errcode === 'number') return String(error.errcode & 0xff);
  return 'syscall' in error && 'code' in error ? String(error.code) : undefined;
};

/** Describes errors of SQLite and the file system in one sentence about the file; returns others unchanged. */
const explained = (file: string, error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  const reason = reasons[code] ?? `cannot be used (${error.message}): check the disk, or restore it from a backup`;
  return new BerthError('internal', `The table file ${file} ${reason}.`, { cause: error });
};

const checkVersion = (file: string, database: DatabaseSync): void => {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found <= schemaVersion) return;
  throw new BerthError(
    'internal',
    `The table file ${file} was written by a newer version of Berth: use that version, or another file.`,
  );
};

const openDatabase = (file: string): DatabaseSync => {
  // SQLite would create a file that everyone can read; its -wal and -shm files inherit this mode.
  if (file !== inMemory) closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: busyMs });
  try {
    checkVersion(file, database);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages};`);
    database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

const opened = (file: string): DatabaseSync => {
  try {
    return openDatabase(file);
  } catch (error) {
    throw explained(file, error);
  }
};

/** The file of a SQLite table. Its errors are `BerthError`s `internal` that name the file and a remedy. */
export interface SqliteFile {
  /** Returns the statement, compiled once. */
  statement(sql: string): StatementSync;
  /** Reports invalid content of the file. */
  report(error: Error): void;
  /** Runs `work` and adds the file's name to its errors. */
  run<T>(work: () => T): T;
  /**
   * Runs `work` in a transaction: committed on return, so that a crash of this process keeps it, or rolled back on a
   * throw.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens or creates a table file. Once the file is open, `onFailure` receives every error of SQLite and of the file
 * system, in addition to the caller. An error on opening is only thrown, because the caller reports it.
 */
export const openSqliteFile = (file: string, onFailure: (error: unknown) => void = () => undefined): SqliteFile => {
  const database = opened(file);
  const run = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const failure = explained(file, error);
      if (failure !== error) onFailure(failure);
      throw failure;
    }
  };
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const committed = <T>(work: () => T): T => {
    statement('BEGIN IMMEDIATE').run();
    try {
      const result = work();
      statement('COMMIT').run();
      return result;
    } catch (error) {
      // After some errors, for example a full disk, SQLite has rolled back already.
      if (database.isTransaction) statement('ROLLBACK').run();
      throw error;
    }
  };
  return {
    statement,
    report: onFailure,
    run,
    transaction: (work) => run(() => committed(work)),
    close: () => database.close(),
  };
};
