import { setTimeout as delay } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { type BackOff, backOffMs, fullJitter } from '../../base/back-off.ts';
import type { AuditEvent } from '../../contracts/audit.ts';
import type { AuditStream } from '../../core/ports/audit-stream.ts';

interface KinesisOptions {
  client: KinesisClient;
  /** Name of the stream. */
  stream: string;
}

/** Limits of one PutRecords call, including partition keys. */
const maxRecords = 500;
const maxBytes = 5 * 1024 * 1024;

/** Each call waits at most 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3.2 = 6.3 s; then the change stream redelivers. */
const attempts = 7;
const backOff: BackOff = { firstDelayMs: 100, longestDelayMs: 5_000, jitter: fullJitter };

/**
 * Writes each audit event as one NDJSON line in one record of a Kinesis stream, in order per subject. Kinesis accepts
 * or rejects each record of a call separately, so a later event could overtake a rejected one. Therefore no call
 * contains two events of one subject.
 */
export const kinesisAudit = ({ client, stream }: KinesisOptions): AuditStream => ({
  put: async (events) => {
    for (const round of roundsOf(events)) {
      for (const records of callsOf(round.map(recordOf))) await send(client, stream, records);
    }
  },
});

const recordOf = (event: AuditEvent): PutRecordsRequestEntry => ({
  PartitionKey: event.subject,
  Data: Buffer.from(`${JSON.stringify(event)}\n`),
});

/** Groups the events into rounds: the first event of each subject, then the second of each, and so on. */
const roundsOf = (events: readonly AuditEvent[]): AuditEvent[][] => {
  const rounds: AuditEvent[][] = [];
  const seen = new Map<string, number>();
  for (const event of events) {
    const round = seen.get(event.subject) ?? 0;
    seen.set(event.subject, round + 1);
    rounds[round] ??= [];
    rounds[round].push(event);
  }
  return rounds;
};

const bytesOf = ({ Data, PartitionKey }: PutRecordsRequestEntry): number =>
  (Data?.length ?? 0) + Buffer.byteLength(PartitionKey ?? '');

const callsOf = (records: PutRecordsRequestEntry[]): PutRecordsRequestEntry[][] => {
  const calls: PutRecordsRequestEntry[][] = [];
  let bytes = maxBytes;
  for (const record of records) {
    const last = calls.at(-1);
    bytes += bytesOf(record);
    if (last !== undefined && last.length < maxRecords && bytes <= maxBytes) last.push(record);
    else {
      calls.push([record]);
      bytes = bytesOf(record);
    }
  }
  return calls;
};

/** Retries until every record is accepted. */
const send = async (client: KinesisClient, stream: string, records: PutRecordsRequestEntry[]): Promise<void> => {
  let waiting = records;
  for (let attempt = 1; ; attempt += 1) {
    const { Records = [] } = await client.send(new PutRecordsCommand({ StreamName: stream, Records: waiting }));
    const code = Records.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode;
    waiting = waiting.filter((_, index) => Records[index]?.ErrorCode !== undefined);
    if (waiting.length === 0) return;
    if (attempt === attempts) {
      throw new Error(`the audit stream ${stream} rejected ${waiting.length} of ${records.length} events: ${code}`);
    }
    await delay(backOffMs(attempt, backOff));
  }
};
