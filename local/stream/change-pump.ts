import { setTimeout as wait } from 'node:timers/promises';
import type { SqliteTable } from '../../adapters/table/sqlite/table.ts';
import { backOffMs, noJitter } from '../../base/back-off.ts';
import type { Log } from '../../base/log.ts';
import type { ChangeConsumer } from '../../core/ports/change-consumer.ts';
import type { ChangeRecord } from '../../core/ports/table.ts';
import type { Incidents } from './incidents.ts';

/** Creates a consumer that logs to `log` why a change could not be handled. */
type MakeConsumer = (log: Log) => ChangeConsumer;

const batchSize = 100;
/**
 * The limit of records that are read and not yet handled. It is large, so that one subject whose records fail does not
 * use it up: other subjects continue while there is capacity.
 */
const maxOpen = 1_000;
/** The number of subjects that are handled concurrently, without those that wait for a retry. */
const maxActive = 16;
/** A record is skipped after this many attempts, so that its subject continues: 0.1 + 0.2 + … + 3.2 = 6.3 s. */
const maxAttempts = 7;
const defaultFirstPauseMs = 100;
const longestPauseMs = 5_000;
/** Consumers that never skip a record, however long their sink is unavailable, and handle all records in one order. */
const neverSkipped = new Set(['audit']);

interface ChangePump {
  close: () => Promise<void>;
}

interface PumpOptions {
  log: Log;
  /** Receives the incidents that delay changes. */
  incidents: Pick<Incidents, 'begin' | 'end'>;
  firstPauseMs?: number;
}

/**
 * Delivers the table's changes to the stream's handlers like Lambda's event source mapping: in batches, in order per
 * subject, and retried from the first failed record. A failing subject does not delay others. Records are acknowledged
 * up to the first that is not handled, so some are delivered again after a crash.
 */
export const pumpChanges = (
  table: SqliteTable,
  consumers: Record<string, MakeConsumer>,
  { log, incidents, firstPauseMs = defaultFirstPauseMs }: PumpOptions,
): ChangePump => {
  const pumps = Object.entries(consumers).map(([name, make]) =>
    pump(table, name, make, { log, incidents, firstPauseMs }),
  );
  const unsubscribe = table.onChange(() => {
    for (const { wake } of pumps) wake();
  });
  for (const { wake } of pumps) wake();
  return {
    close: async () => {
      unsubscribe();
      await Promise.all(pumps.map(({ close }) => close()));
    },
  };
};

const pump = (
  table: SqliteTable,
  consumer: string,
  make: MakeConsumer,
  { log, incidents, firstPauseMs }: Required<PumpOptions>,
) => {
  const closing = new AbortController();
  const isClosed = () => closing.signal.aborted;
  const subjectOf = ({ key }: ChangeRecord) => (neverSkipped.has(consumer) ? '' : key.pk);
  /** The records that are read and not yet handled, in order per subject. */
  const waiting = new Map<string, ChangeRecord[]>();
  const open = new Map<string, ChangeRecord>();
  const working = new Set<Promise<void>>();
  const ready: string[] = [];
  let active = 0;
  let lastRead: string | undefined;
  let acknowledged: string | undefined;
  let failures = 0;
  let turning: Promise<void> | undefined;
  let again = false;

  const pauseAfter = async (attempts: number) => {
    const ms = backOffMs(attempts, { firstDelayMs: firstPauseMs, longestDelayMs: longestPauseMs, jitter: noJitter });
    await wait(ms, undefined, { signal: closing.signal }).catch((error: unknown) => {
      // Only closing may interrupt the pause.
      if (!closing.signal.aborted) throw error;
    });
  };

  /** Acknowledges the handled records and reads as many new ones as there is capacity for. */
  const turn = () => {
    const first = open.keys().next().value;
    const done = first === undefined ? lastRead : String(Number(first) - 1);
    if (done !== undefined && done !== acknowledged) {
      table.acknowledge(consumer, done);
      acknowledged = done;
    }
    while (open.size < maxOpen) {
      const records = table.readChanges(consumer, batchSize, lastRead);
      for (const record of records) enqueue(record);
      if (records.length < batchSize) return;
    }
  };

  const enqueue = (record: ChangeRecord) => {
    const subject = subjectOf(record);
    lastRead = record.seq;
    open.set(record.seq, record);
    const others = waiting.get(subject);
    if (others !== undefined) return void others.push(record);
    waiting.set(subject, [record]);
    ready.push(subject);
  };

  const startReady = () => {
    while (!isClosed() && active < maxActive) {
      const subject = ready.shift();
      if (subject === undefined) return;
      const work = drain(subject).finally(() => working.delete(work));
      working.add(work);
    }
  };

  /** Handles all records of one subject, one batch after the other. */
  const drain = async (subject: string) => {
    const records = waiting.get(subject) ?? [];
    const incident = `${consumer} ${subject}`;
    for (let attempts = 0; records.length > 0 && !isClosed(); ) {
      const batch = records.slice(0, batchSize);
      active += 1;
      const { failed, why } = await failedRecord(batch);
      active -= 1;
      const failedAt =
        failed === undefined
          ? batch.length
          : Math.max(
              0,
              batch.findIndex(({ seq }) => seq === failed),
            );
      if (failedAt > 0 || failed === undefined) attempts = 0;
      forget(records, failedAt);
      if (failed !== undefined) {
        attempts += 1;
        if (attempts >= maxAttempts && !neverSkipped.has(consumer)) {
          log('error', 'a change was skipped after it failed too often', { consumer, record: failed, subject });
          recordSkipped(records[0], why);
          forget(records, 1);
          attempts = 0;
        } else {
          incidents.begin(incident, delayed(subject, why));
          startReady();
          await pauseAfter(attempts);
        }
      }
      if (attempts === 0) incidents.end(incident);
    }
    waiting.delete(subject);
    wake();
  };

  const delayed = (subject: string, why: unknown): string => {
    const what = subject === '' ? `The ${consumer} events` : `Changes of ${subject}`;
    return `${what} are delayed: ${reasonOf(why)}`;
  };

  /** Delivers a batch. Returns the sequence number of the first failed record, from which to retry, and the reason. */
  const failedRecord = async (
    batch: readonly ChangeRecord[],
  ): Promise<{ failed?: string | undefined; why?: unknown }> => {
    let logged: unknown;
    const consume = make((level, message, fields) => {
      if (level === 'error') logged = fields?.['error'] ?? message;
      log(level, message, fields);
    });
    try {
      const failed = await consume(batch.map((record) => ({ seq: record.seq, read: () => record })));
      return { failed, why: logged };
    } catch (error) {
      log('error', 'a batch of changes could not be handled; it is retried', { error });
      return { failed: batch[0]?.seq ?? '', why: error };
    }
  };

  const recordSkipped = (record: ChangeRecord | undefined, why: unknown): void => {
    if (record === undefined) return;
    try {
      table.recordSkipped(consumer, record, reasonOf(why));
    } catch (error) {
      log('error', 'a skipped change could not be recorded', { consumer, record: record.seq, error });
    }
  };

  const forget = (records: ChangeRecord[], count: number) => {
    for (const { seq } of records.splice(0, count)) open.delete(seq);
  };

  /** A temporary disk failure must not end the pump, so the next turn retries. */
  const turns = async () => {
    while (again && !isClosed()) {
      again = false;
      try {
        turn();
        incidents.end(consumer);
        failures = 0;
      } catch (error) {
        failures += 1;
        again = true;
        const what = 'Changes are delayed: the change stream could not be read or acknowledged';
        incidents.begin(consumer, `${what} for ${consumer}. ${reasonOf(error)}`);
        await pauseAfter(failures);
      }
      startReady();
      await nextTurn();
    }
  };

  const wake = () => {
    again = true;
    turning ??= nextTurn()
      .then(turns)
      .finally(() => {
        turning = undefined;
        if (again && !isClosed()) wake();
      });
  };

  return {
    wake,
    close: async () => {
      closing.abort();
      await turning;
      await Promise.all(working);
      try {
        turn();
      } catch (error) {
        log('warn', 'the last changes could not be acknowledged; the next start delivers them again', {
          consumer,
          error,
        });
      }
    },
  };
};

/** The reason of a failure as a sentence. */
const reasonOf = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message : String(thrown ?? 'its handler failed without a reason');
  return /[.!?]$/.test(text) ? text : `${text}.`;
};

/** Lets a burst of commits accumulate, because each batch costs a transaction. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
