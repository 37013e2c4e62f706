import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BerthError } from '../../core/errors.ts';
import { indexes } from './definition.ts';

/** SQLite's name for no file at all. */
const inMemory = ':memory:';
const schemaVersion = 1;
const busyMs = 5_000;
/** Pages of 4 KB that the log may grow by before they move to the file. SQLite's 1,000 cost a sixth of the writes. */
const checkpointPages = 4_000;

const indexColumns = indexes.map((index) => `${index}_pk TEXT, ${index}_sk TEXT`).join(', ');
const indexDefinitions = indexes.map(
  (index) =>
    `CREATE INDEX IF NOT EXISTS items_${index} ON items (${index}_pk, ${index}_sk, pk, sk) WHERE ${index}_pk IS NOT NULL;`,
);

/** When an item may be forgotten; most never are, and are not in its index. */
export const expiry = "(body ->> 'expires')";

const schema = `
  CREATE TABLE IF NOT EXISTS items (pk TEXT NOT NULL, sk TEXT NOT NULL, body TEXT NOT NULL, ${indexColumns}, PRIMARY KEY (pk, sk));
  ${indexDefinitions.join('\n  ')}
  CREATE INDEX IF NOT EXISTS items_expiry ON items (${expiry}) WHERE ${expiry} IS NOT NULL;
  CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, sk TEXT NOT NULL, before TEXT, after TEXT);
  CREATE TABLE IF NOT EXISTS positions (consumer TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

const reasons: Record<string, string> = {
  EACCES: 'may not be written: check the permissions of the file and its folder',
  EROFS: 'lies on a read-only disk: choose another folder',
  ENOENT: 'has no folder to lie in: create the folder first',
  ENOTDIR: 'cannot lie there, because its parent is a file and not a folder: choose another folder',
  EISDIR: 'is a folder: choose another file name',
  ENOSPC: 'has no room: free some disk space',
  26: 'is damaged or is no table file: restore it from a backup, or move it away to begin with an empty table',
  11: 'is damaged: restore it from a backup, or move it away to begin with an empty table',
  13: 'has no room: free some disk space',
  8: 'may not be written: check the permissions of the file and its folder',
  5: 'is locked: end the other program that uses it',
};

/** SQLite's result code without its extended part, or the file system's; `undefined` for errors of neither. */
const codeOf = (error: Error): string | undefined => {
  if ('errcode' in error && typeof error.errcode === 'number') return String(error.errcode & 0xff);
  return 'syscall' in error && 'code' in error ? String(error.code) : undefined;
};

/** Errors of SQLite and of the file system as one sentence on the file; others as they are. */
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
    `The table file ${file} was written by a newer Berth: use that one, or another file.`,
  );
};

const openDatabase = (file: string): DatabaseSync => {
  // SQLite would make the file readable for all; its -wal and -shm files take over this mode.
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

/** The file behind a SQLite table. Its errors are `BerthError`s `internal` that name it and say what to do. */
export interface SqliteFile {
  /** The statement, compiled once. */
  statement(sql: string): StatementSync;
  /** Runs `work` and gives its failures the file's name. */
  run<T>(work: () => T): T;
  /** Runs `work` in a transaction, durable on return against the death of this process, or undone when it throws. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens or makes a table file. */
export const openSqliteFile = (file: string): SqliteFile => {
  const run = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw explained(file, error);
    }
  };
  const database = run(() => openDatabase(file));
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
      // After some failures, a full disk for one, SQLite has rolled back by itself.
      if (database.isTransaction) statement('ROLLBACK').run();
      throw error;
    }
  };
  return { statement, run, transaction: (work) => run(() => committed(work)), close: () => database.close() };
};
