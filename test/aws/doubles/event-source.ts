import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';

type Handler = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;

export interface EventSourceOptions {
  streams: DynamoDBStreamsClient;
  table: string;
  handler: Handler;
  /** Retries of a single record, before it goes to `onFailure`. */
  retries: number;
  /** The on-failure destination. */
  onFailure: (record: DynamoDBRecord) => void;
}

const numberOf = (record: DynamoDBRecord | undefined) => record?.dynamodb?.SequenceNumber ?? '';

/**
 * Counts the handled records of a batch: none after an error, those before the first named one after a partial
 * response.
 */
const handledIn = async (handler: Handler, records: DynamoDBRecord[]): Promise<number> => {
  const failures = await handler({ Records: records }).then(
    ({ batchItemFailures }) => batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    () => [numberOf(records[0])],
  );
  const first = records.findIndex((record) => failures.includes(numberOf(record)));
  return first === -1 ? records.length : first;
};

/** Bisects a batch on error and continues with the failed records; a bisection does not count as a retry. */
const deliver = async (options: EventSourceOptions, records: DynamoDBRecord[], retries: number): Promise<void> => {
  if (records.length === 0) return;
  const handled = await handledIn(options.handler, records);
  const rest = records.slice(handled);
  if (rest.length > 1) {
    const half = Math.ceil(rest.length / 2);
    await deliver(options, rest.slice(0, half), options.retries);
    return deliver(options, rest.slice(half), options.retries);
  }
  const [record] = rest;
  if (record === undefined) return;
  if (retries === 0) return options.onFailure(record);
  await pause(10);
  return deliver(options, rest, retries - 1);
};

type Shard = { StreamArn: string | undefined; ShardId: string | undefined };

const shardsOf = async (streams: DynamoDBStreamsClient, TableName: string): Promise<Shard[]> => {
  const { Streams = [] } = await streams.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams[0]?.StreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  return (StreamDescription?.Shards ?? []).map(({ ShardId }) => ({ StreamArn, ShardId }));
};

/** An iterator after the last record that was read, or at the beginning of the shard. */
const iteratorAt = async (streams: DynamoDBStreamsClient, shard: Shard, last: string) => {
  const from =
    last === ''
      ? { ShardIteratorType: 'TRIM_HORIZON' as const }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: last };
  return (await streams.send(new GetShardIteratorCommand({ ...shard, ...from }))).ShardIterator;
};

/** Batches of one shard until it or the reader is closed. AWS and DynamoDB Local let iterators expire. */
async function* batchesOf(streams: DynamoDBStreamsClient, shard: Shard, signal: AbortSignal) {
  let last = '';
  let iterator = await iteratorAt(streams, shard, last);
  while (iterator !== undefined && !signal.aborted) {
    try {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 100 }));
      const records = (page.Records ?? []) as DynamoDBRecord[];
      yield records;
      last = numberOf(records.at(-1)) || last;
      iterator = page.NextShardIterator;
    } catch (error) {
      if (!(error instanceof TrimmedDataAccessException || error instanceof ExpiredIteratorException)) throw error;
      await pause(25);
      iterator = await iteratorAt(streams, shard, last);
    }
  }
}

/**
 * Lambda's event source mapping for a table's change stream, from its beginning: batches in order per shard, bisection,
 * partial batch responses, limited retries and a failure destination.
 */
export const mapEventSource = async (options: EventSourceOptions): Promise<{ close(): Promise<void> }> => {
  const { streams, table } = options;
  const closed = new AbortController();
  const follow = async (shard: Shard) => {
    for await (const records of batchesOf(streams, shard, closed.signal)) {
      await deliver(options, records, options.retries);
      if (records.length === 0) await pause(25);
    }
  };
  const following = Promise.all((await shardsOf(streams, table)).map(follow));
  return {
    close: async () => {
      closed.abort();
      await following;
    },
  };
};
