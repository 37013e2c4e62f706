import { createHash } from 'node:crypto';
import { DescribeStreamCommand, DynamoDBStreamsClient, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqsFailedChanges } from '../../adapters/table/dynamodb/failed-changes.ts';
import { changeRecordOf } from '../../adapters/table/dynamodb/stream-records.ts';
import { dynamoTable } from '../../adapters/table/dynamodb/table.ts';
import { redrive } from '../../functions/stream/redrive.ts';
import { type DynamoLocal, dynamoAvailable, startDynamoLocal } from '../table/dynamodb-local.ts';
import { type AwsResponse, givenAws } from './aws-double.ts';

const functionArn = 'arn:aws:lambda:eu-central-1:111122223333:function:berth-stream-audit';
const client = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 };

/** Lambda's message in the queue for a batch whose retries are exhausted. */
const messageOf = (batch: object) =>
  JSON.stringify({
    requestContext: {
      requestId: 'c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5',
      functionArn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 8,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-01-12T09:20:41.042Z',
    DDBStreamBatchInfo: {
      approximateArrivalOfFirstRecord: '2026-01-12T09:15:30Z',
      approximateArrivalOfLastRecord: '2026-01-12T09:15:31Z',
      batchSize: 1,
      ...batch,
    },
  });

describe.runIf(dynamoAvailable('the redrive against DynamoDB Local'))('the redrive', () => {
  let dynamo: DynamoLocal;
  let streams: DynamoDBStreamsClient;
  let shard: { streamArn: string; shardId: string };
  let numbers: string[];

  beforeAll(async () => {
    dynamo = await startDynamoLocal();
    await dynamo.createTable('berth');
    streams = new DynamoDBStreamsClient({ ...client, endpoint: dynamo.endpoint });
    const table = dynamoTable(dynamo.client, 'berth');
    for (const sk of ['1', '2', '3', '4']) await table.write([{ put: { pk: 'audit#x', sk, event: { seq: sk } } }]);
    const seen = await dynamo.readStream('berth');
    numbers = seen.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');
    shard = await shardOf('berth');
  });
  afterAll(() => dynamo.stop());

  const shardOf = async (TableName: string) => {
    const { Streams = [] } = await streams.send(new ListStreamsCommand({ TableName }));
    const streamArn = Streams[0]?.StreamArn ?? '';
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
    return { streamArn, shardId: StreamDescription?.Shards?.[0]?.ShardId ?? '' };
  };

  let queue: string[];
  let lines: string[];
  /** The sort keys of the records of each invocation of the consumer. */
  let given: string[][];
  beforeEach(() => {
    queue = [];
    lines = [];
    given = [];
  });

  const run = async (consumer: (event: DynamoDBStreamEvent) => DynamoDBBatchResponse | 'broken') => {
    const hidden: string[] = [];
    const receive = (): AwsResponse => {
      const Body = queue.shift();
      if (Body === undefined) return {};
      hidden.push(Body);
      const MD5OfBody = createHash('md5').update(Body).digest('hex');
      return { body: { Messages: [{ Body, MD5OfBody, ReceiptHandle: String(hidden.length - 1) }] } };
    };
    const aws = await givenAws(({ operation, body }) => {
      if (operation === 'AmazonSQS.ReceiveMessage') return receive();
      if (operation === 'AmazonSQS.DeleteMessage') {
        hidden[Number(body['ReceiptHandle'])] = '';
        return {};
      }
      const event = body as unknown as DynamoDBStreamEvent;
      given.push(event.Records.map((record) => changeRecordOf(record).key.sk));
      const response = consumer(event);
      if (response !== 'broken') return { body: response };
      return { headers: { 'x-amz-function-error': 'Unhandled' }, body: { errorType: 'Error', errorMessage: 'broken' } };
    });
    const options = { ...client, endpoint: aws.endpoint };
    const failedChanges = sqsFailedChanges({
      sqs: new SQSClient(options),
      lambda: new LambdaClient(options),
      streams,
      queueUrl: `${aws.endpoint}/111122223333/failed`,
    });
    const count = await redrive(failedChanges, (line) => void lines.push(line));
    return { count, left: hidden.filter((message) => message !== '').length };
  };
  const between = (first: number, last: number) =>
    messageOf({ ...shard, startSequenceNumber: numbers[first], endSequenceNumber: numbers[last] });
  const allHandled = () => ({ batchItemFailures: [] });

  test('delivers exactly the records of each failed batch again', async () => {
    queue = [between(1, 2), between(3, 3)];
    expect(await run(allHandled)).toEqual({ count: { handled: 2, failed: 0, expired: 0 }, left: 0 });
    expect(given).toEqual([['2', '3'], ['4']]);
    expect(lines[0]).toContain('berth-stream-audit');
  });

  test('leaves a batch that fails again in the queue, reports why, and continues', async () => {
    queue = [between(0, 0), between(1, 1), between(2, 2)];
    const failing = ({ Records: [record] }: DynamoDBStreamEvent) => {
      const { seq, key } = changeRecordOf(record ?? {});
      if (key.sk === '1') return { batchItemFailures: [{ itemIdentifier: seq }] };
      return key.sk === '2' ? ('broken' as const) : allHandled();
    };
    expect(await run(failing)).toEqual({ count: { handled: 1, failed: 2, expired: 0 }, left: 2 });
    expect(lines[1]).toContain('broken');
  });

  test('reports and removes a batch that is no longer in the stream', async () => {
    const expired = { ...shard, shardId: 'shardId-00000001500000000000-00000000' };
    const [startSequenceNumber] = numbers;
    queue = [messageOf({ ...expired, startSequenceNumber, endSequenceNumber: startSequenceNumber })];
    expect(await run(allHandled)).toEqual({ count: { handled: 0, failed: 0, expired: 1 }, left: 0 });
    expect(lines[0]).toContain('no longer in the stream');
    expect(given).toEqual([]);
  });

  test('leaves messages that are not Lambda’s in the queue', async () => {
    queue = ['{"hello":"world"}', 'nonsense', between(0, 0)];
    expect(await run(allHandled)).toEqual({ count: { handled: 1, failed: 2, expired: 0 }, left: 2 });
  });
});
