import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { SqliteTable } from '../adapters/table/sqlite.ts';
import { streamRecordOf } from '../adapters/table/stream-records.ts';
import type { Log } from '../functions/runtime.ts';

export type StreamHandler = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;

const batchSize = 100;
/** A record that fails so often is left out, so that those behind it are not held up: 0.1 + 0.2 + … + 3.2 = 6.3 s. */
const maxAttempts = 7;
const defaultFirstPauseMs = 100;
const longestPauseMs = 5_000;
/** Consumers that lose nothing, however long their sink is away; their records wait in the stream. */
const neverLeftOut = new Set(['audit']);

/**
 * Hands the table's changes to the stream's handlers, as Lambda's event source mapping does: in order, in batches, from
 * each consumer's own position, again from the first that failed.
 */
export const pumpChanges = (
  table: SqliteTable,
  handlers: Record<string, StreamHandler>,
  log: Log,
  firstPauseMs = defaultFirstPauseMs,
) => {
  const pumps = Object.entries(handlers).map(([name, handler]) => pump(table, name, handler, { log, firstPauseMs }));
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
  handler: StreamHandler,
  { log, firstPauseMs }: { log: Log; firstPauseMs: number },
) => {
  let closed = false;
  let working: Promise<void> | undefined;
  let again = false;
  let attempts = 0;

  const batch = async (): Promise<boolean> => {
    const records = table.readChanges(consumer, batchSize);
    const last = records.at(-1);
    if (last === undefined) return false;
    const failed = await failedRecord(handler, { Records: records.map(streamRecordOf) }, records[0]?.seq ?? '', log);
    const failedAt = failed === undefined ? records.length : records.findIndex(({ seq }) => seq === failed);
    const done = records[failedAt - 1];
    if (done !== undefined) {
      table.acknowledge(consumer, done.seq);
      attempts = 0;
    }
    if (failed === undefined) return true;
    attempts += 1;
    if (attempts < maxAttempts || neverLeftOut.has(consumer)) {
      await pause(Math.min(firstPauseMs * 2 ** (attempts - 1), longestPauseMs));
    } else {
      log('error', 'a change is left out after it failed too often', { consumer, seq: failed });
      table.acknowledge(consumer, failed);
      attempts = 0;
    }
    return true;
  };

  const work = async () => {
    do {
      again = false;
      while (!closed && (await batch())) await nextTurn();
    } while (again && !closed);
  };

  return {
    wake: () => {
      again = true;
      working ??= nextTurn()
        .then(work)
        .finally(() => {
          working = undefined;
        });
    },
    close: async () => {
      closed = true;
      await working;
    },
  };
};

/** The sequence number of the record from which the batch is to be delivered again. */
const failedRecord = async (handler: StreamHandler, event: DynamoDBStreamEvent, first: string, log: Log) => {
  try {
    return (await handler(event)).batchItemFailures[0]?.itemIdentifier;
  } catch (error) {
    log('error', 'a batch of changes could not be handled; it is tried again', { error });
    return first;
  }
};

/** Lets a burst of commits gather, as each batch costs a transaction of its own. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
