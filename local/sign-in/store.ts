import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import { StartError } from '../settings/settings.ts';

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS entries (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, uid TEXT, grant_id TEXT, expires INTEGER,
    PRIMARY KEY (model, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS by_uid ON entries (model, uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS by_grant ON entries (grant_id) WHERE grant_id IS NOT NULL;
`;

const now = () => Math.floor(Date.now() / 1000);

/** SQLite would create a world-readable file. It creates the -wal and -shm files with the mode of the database. */
const makePrivate = (file: string) => {
  closeSync(openSync(file, 'a', 0o600));
  for (const part of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(part)) chmodSync(part, 0o600);
};

/** Opens the file, checks it, and deletes expired entries. */
const openDatabase = (file: string): DatabaseSync => {
  let database: DatabaseSync | undefined;
  try {
    makePrivate(file);
    database = new DatabaseSync(file);
    database.exec(schema);
    const [found] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
    if (found !== 'ok') throw new Error(String(found));
    database.prepare('DELETE FROM entries WHERE expires < ?').run(now());
    return database;
  } catch (error) {
    database?.close();
    throw new StartError(
      `Berth cannot use the sign-in sessions in ${file}: ${oneLine(error)}. Remove it, with its -wal and -shm files, and start again: all users then have to sign in again.`,
      { cause: error },
    );
  }
};

const oneLine = (error: unknown): string => (error as Error).message.replace(/\s+/g, ' ').trim();

/**
 * Stores the provider's sessions, grants and codes in a file, so that users stay signed in across a restart. Expired
 * entries are deleted on opening. Throws `StartError` if the file cannot be used.
 */
export const openSignInStore = (file: string): { adapter: AdapterFactory; close: () => void } => {
  const database = openDatabase(file);
  const upsert = database.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)');
  const find = database.prepare('SELECT payload FROM entries WHERE model = ? AND id = ? AND expires >= ?');
  const findByUid = database.prepare('SELECT payload FROM entries WHERE model = ? AND uid = ? AND expires >= ?');
  const remove = database.prepare('DELETE FROM entries WHERE model = ? AND id = ?');
  const revoke = database.prepare('DELETE FROM entries WHERE grant_id = ?');
  const consume = database.prepare(
    "UPDATE entries SET payload = json_set(payload, '$.consumed', ?) WHERE model = ? AND id = ?",
  );
  const read = (row: Record<string, unknown> | undefined) =>
    row === undefined ? undefined : (JSON.parse(String(row['payload'])) as AdapterPayload);

  const adapter = (model: string): Adapter => ({
    upsert: async (id, payload, expiresIn) => {
      const { uid, grantId } = payload;
      upsert.run(model, id, JSON.stringify(payload), uid ?? null, grantId ?? null, now() + (expiresIn ?? 86_400));
    },
    find: async (id) => read(find.get(model, id, now())),
    findByUid: async (uid) => read(findByUid.get(model, uid, now())),
    findByUserCode: async () => undefined,
    consume: async (id) => void consume.run(now(), model, id),
    destroy: async (id) => void remove.run(model, id),
    revokeByGrantId: async (grantId) => void revoke.run(grantId),
  });
  return { adapter, close: () => database.close() };
};
