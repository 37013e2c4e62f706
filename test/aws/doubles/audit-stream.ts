import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { AuditEvent } from '../../../contracts/audit.ts';

const readShard = async (client: KinesisClient, StreamName: string, ShardId = ''): Promise<string[]> => {
  const start = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
  let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
  const read: string[] = [];
  for (;;) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 10_000 }));
    const { Records = [], MillisBehindLatest = 0, NextShardIterator } = page;
    read.push(...Records.map(({ Data }) => Buffer.from(Data ?? []).toString()));
    if (MillisBehindLatest === 0 && Records.length === 0) return read;
    ShardIterator = NextShardIterator;
  }
};

/** Returns all audit events of a Kinesis stream, ordered per subject. Throws if a record is not one line of JSON. */
export const readAuditStream = async (client: KinesisClient, stream: string): Promise<AuditEvent[]> => {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
  const records = await Promise.all(Shards.map(({ ShardId }) => readShard(client, stream, ShardId)));
  return records.flat().map((record) => {
    if (record.indexOf('\n') !== record.length - 1) throw new Error(`a record is not one line: ${record}`);
    return AuditEvent.parse(JSON.parse(record));
  });
};
