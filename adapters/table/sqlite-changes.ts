import type { ChangeRecord, Item, Key } from '../../core/ports.ts';
import type { SqliteFile } from './sqlite-file.ts';

/** The change stream: at least once, in order, to consumers whose positions outlive the process. */
export interface ChangeStream {
  /** Up to `limit` records after the consumer's position. A consumer that was not named on opening is a `TypeError`. */
  readChanges(consumer: string, limit: number): ChangeRecord[];
  /** Moves the consumer's position to `seq` (never back). What all consumers are through with is deleted. */
  acknowledge(consumer: string, seq: string): void;
  /** Calls `listener` after each commit that left records. Returns the function that ends it. */
  onChange(listener: () => void): () => void;
}

export interface Recorder {
  /** Within the write's own transaction. */
  record(key: Key, before: string | undefined, after: string | undefined): void;
  /** After its commit. */
  announce(): void;
}

const image = (name: 'before' | 'after', body: unknown) =>
  typeof body === 'string' ? { [name]: JSON.parse(body) as Item } : {};

const recordOf = (row: Record<string, unknown>): ChangeRecord => ({
  seq: String(row['seq']),
  key: { pk: String(row['pk']), sk: String(row['sk']) },
  ...image('before', row['before']),
  ...image('after', row['after']),
});

/**
 * The consumers are registered before the first write, or one that comes later would miss what the others are
 * already through with. Those no longer named are forgotten, or they would keep every record forever.
 */
const register = (file: SqliteFile, consumers: readonly string[]): void => {
  file.transaction(() => {
    for (const consumer of consumers) file.statement('INSERT OR IGNORE INTO positions VALUES (?, 0)').run(consumer);
    file
      .statement('DELETE FROM positions WHERE consumer NOT IN (SELECT value FROM json_each(?))')
      .run(JSON.stringify(consumers));
  });
};

/** `consumers` is everybody who reads the stream; without it the positions are left as they are. */
export const openChangeStream = (file: SqliteFile, consumers?: readonly string[]): ChangeStream & Recorder => {
  if (consumers !== undefined) register(file, consumers);
  const listeners = new Set<() => void>();

  const positionOf = (consumer: string): number => {
    const row = file.statement('SELECT seq FROM positions WHERE consumer = ?').get(consumer);
    if (row === undefined) throw new TypeError(`"${consumer}" was not named as a consumer when the table was opened`);
    return Number(row['seq']);
  };

  return {
    record: (key, before, after) => {
      file
        .statement('INSERT INTO changes (pk, sk, before, after) VALUES (?, ?, ?, ?)')
        .run(key.pk, key.sk, before ?? null, after ?? null);
    },
    // In a microtask: a listener that throws must not make a write look failed that is done.
    announce: () => {
      for (const listener of listeners) queueMicrotask(listener);
    },
    readChanges: (consumer, limit) =>
      file.run(() =>
        file
          .statement('SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?')
          .all(positionOf(consumer), limit)
          .map(recordOf),
      ),
    acknowledge: (consumer, seq) =>
      file.transaction(() => {
        const position = Math.max(positionOf(consumer), Number(seq));
        file.statement('UPDATE positions SET seq = ? WHERE consumer = ?').run(position, consumer);
        file.statement('DELETE FROM changes WHERE seq <= (SELECT min(seq) FROM positions)').run();
      }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
