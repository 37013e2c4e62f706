import type { ChangeRecord, Item, Key } from '../../../core/ports/table.ts';
import type { SqliteFile } from './file.ts';

/** The change stream: delivers at least once, in order, to consumers whose positions survive a restart. */
export interface ChangeStream {
  /**
   * Returns up to `limit` records after `after`, by default after the consumer's position. Throws a `TypeError` for a
   * consumer that was not named on opening. An unreadable record is moved to another SQL table and reported to
   * `onFailure`; otherwise it would block the consumer forever.
   */
  readChanges(consumer: string, limit: number, after?: string): ChangeRecord[];
  /** Advances the consumer's position to `seq`, never back, and deletes the records that all consumers have passed. */
  acknowledge(consumer: string, seq: string): void;
  /** Records that the consumer skipped a change, and why. */
  recordSkipped(consumer: string, change: Pick<ChangeRecord, 'seq' | 'key'>, why: string): void;
  /** Returns at most 100 changes that were skipped since then or could not be read, newest first. */
  listSkipped(since: Date): SkippedChange[];
  /** Calls `listener` after each commit that added records. Returns a function that unsubscribes it. */
  onChange(listener: () => void): () => void;
}

/** A change that a consumer skipped. */
export interface SkippedChange {
  /** ISO 8601 time. */
  at: string;
  /** Absent if the record was unreadable. */
  consumer?: string;
  subject: string;
  why: string;
}

interface Recorder {
  /** Runs within the transaction of the write. */
  record(key: Key, before: string | undefined, after: string | undefined): void;
  /** Runs after the commit of the write. */
  announce(): void;
}

/** Limit of the skipped changes that are stored: enough to see a pattern. */
const maxSkipped = 100;

const image = (name: 'before' | 'after', body: unknown) =>
  typeof body === 'string' ? { [name]: JSON.parse(body) as Item } : {};

const recordOf = (row: Record<string, unknown>): ChangeRecord => ({
  seq: String(row['seq']),
  key: { pk: String(row['pk']), sk: String(row['sk']) },
  ...image('before', row['before']),
  ...image('after', row['after']),
});

const isReadable = (row: Record<string, unknown>): boolean => {
  try {
    recordOf(row);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

/**
 * Consumers are registered before the first write; otherwise a later one would miss records that the others have
 * passed. Consumers that are no longer named are deleted, because otherwise no record could be deleted.
 */
const register = (file: SqliteFile, consumers: readonly string[]): void => {
  file.transaction(() => {
    for (const consumer of consumers) file.statement('INSERT OR IGNORE INTO positions VALUES (?, 0)').run(consumer);
    file
      .statement('DELETE FROM positions WHERE consumer NOT IN (SELECT value FROM json_each(?))')
      .run(JSON.stringify(consumers));
  });
};

/** `consumers` names every reader of the stream; without it the positions stay unchanged. */
export const openChangeStream = (file: SqliteFile, consumers?: readonly string[]): ChangeStream & Recorder => {
  if (consumers !== undefined) register(file, consumers);
  const listeners = new Set<() => void>();

  const insertSkipped = (consumer: string, { seq, key }: Pick<ChangeRecord, 'seq' | 'key'>, why: string): void => {
    file
      .statement('INSERT OR REPLACE INTO left_out_changes VALUES (?, ?, ?, ?, ?)')
      .run(Number(seq), consumer, new Date().toISOString(), key.pk, why);
    file
      .statement(
        'DELETE FROM left_out_changes WHERE at < (SELECT at FROM left_out_changes ORDER BY at DESC LIMIT 1 OFFSET ?)',
      )
      .run(maxSkipped - 1);
  };

  const moveUnreadable = (seq: number): void => {
    file.transaction(() => {
      const row = file.statement('SELECT pk FROM changes WHERE seq = ?').get(seq);
      insertSkipped('', { seq: String(seq), key: { pk: String(row?.['pk']), sk: '' } }, 'It cannot be read.');
      file.statement('INSERT OR REPLACE INTO unreadable_changes SELECT * FROM changes WHERE seq = ?').run(seq);
      file.statement('DELETE FROM changes WHERE seq = ?').run(seq);
    });
    file.report(
      new Error(`The change ${seq} of the table cannot be read. It was moved to the table unreadable_changes.`),
    );
  };

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
    // Listeners run in a microtask: one that throws must not make a committed write look failed.
    announce: () => {
      for (const listener of listeners) queueMicrotask(listener);
    },
    readChanges: (consumer, limit, after) => {
      const position = file.run(() => (after === undefined ? positionOf(consumer) : Number(after)));
      for (;;) {
        const rows = file.run(() =>
          file.statement('SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?').all(position, limit),
        );
        const unreadable = rows.flatMap((row) => (isReadable(row) ? [] : [Number(row['seq'])]));
        if (unreadable.length === 0) return rows.map(recordOf);
        for (const seq of unreadable) moveUnreadable(seq);
      }
    },
    acknowledge: (consumer, seq) =>
      file.transaction(() => {
        const position = Math.max(positionOf(consumer), Number(seq));
        file.statement('UPDATE positions SET seq = ? WHERE consumer = ?').run(position, consumer);
        file.statement('DELETE FROM changes WHERE seq <= (SELECT min(seq) FROM positions)').run();
      }),
    recordSkipped: (consumer, change, why) => file.transaction(() => insertSkipped(consumer, change, why)),
    listSkipped: (since) =>
      file
        .run(() =>
          file
            .statement('SELECT * FROM left_out_changes WHERE at >= ? ORDER BY at DESC LIMIT ?')
            .all(since.toISOString(), maxSkipped),
        )
        .map(({ at, consumer, pk, why }) => ({
          at: String(at),
          ...(consumer === '' ? {} : { consumer: String(consumer) }),
          subject: String(pk),
          why: String(why),
        })),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
