import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { jsonText } from '../../../contracts/values/json-text.ts';
import type { FailedChanges, Redelivery } from '../../../core/ports/failed-changes.ts';

/** Lambda's message to an event source mapping's on-failure queue: the records' position, not the records. */
const FailedInvocation = jsonText(
  z.object({
    requestContext: z.object({ functionArn: z.string().startsWith('arn:') }),
    DDBStreamBatchInfo: z.object({
      streamArn: z.string().startsWith('arn:'),
      shardId: z.string(),
      startSequenceNumber: z.string().regex(/^\d+$/),
      endSequenceNumber: z.string().regex(/^\d+$/),
    }),
  }),
);
type FailedInvocation = z.infer<typeof FailedInvocation>;

interface FailedChangesOptions {
  sqs: SQSClient;
  streams: DynamoDBStreamsClient;
  lambda: LambdaClient;
  /** URL of the on-failure queue. */
  queueUrl: string;
}

/** Longer than any batch takes, so that one run receives each message once. */
const visibilityTimeout = 300;

export const sqsFailedChanges = ({
  sqs,
  streams,
  lambda,
  queueUrl: QueueUrl,
}: FailedChangesOptions): FailedChanges => ({
  next: async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: visibilityTimeout }),
    );
    const [message] = Messages;
    if (message === undefined) return undefined;
    const invocation = FailedInvocation.safeParse(message.Body ?? '');
    if (!invocation.success) return 'unknown';
    return {
      name: nameOf(invocation.data),
      redeliver: () => redeliver(streams, lambda, invocation.data),
      remove: async () => {
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      },
    };
  },
});

const nameOf = ({
  requestContext: { functionArn },
  DDBStreamBatchInfo: { startSequenceNumber, endSequenceNumber },
}: FailedInvocation): string => `${functionArn.split(':')[6]}, changes ${startSequenceNumber} to ${endSequenceNumber}`;

const redeliver = async (
  streams: DynamoDBStreamsClient,
  lambda: LambdaClient,
  invocation: FailedInvocation,
): Promise<Redelivery> => {
  try {
    for await (const Records of recordsOf(streams, invocation)) {
      const reason = await invoke(lambda, invocation.requestContext.functionArn, Records);
      if (reason !== undefined) return { outcome: 'failed', reason };
    }
    return { outcome: 'handled' };
  } catch (error) {
    if (!(error instanceof TrimmedDataAccessException || error instanceof ResourceNotFoundException)) throw error;
    return { outcome: 'expired' };
  }
};

/** Reads the stream page by page: a page has at most 1 MB, which is below the payload limit of an invocation. */
async function* recordsOf(streams: DynamoDBStreamsClient, { DDBStreamBatchInfo: batch }: FailedInvocation) {
  const start = {
    StreamArn: batch.streamArn,
    ShardId: batch.shardId,
    ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const,
    SequenceNumber: batch.startSequenceNumber,
  };
  let { ShardIterator } = await streams.send(new GetShardIteratorCommand(start));
  const end = BigInt(batch.endSequenceNumber);
  while (ShardIterator !== undefined) {
    const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
    const records = page.Records ?? [];
    const wanted = records.filter(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0) <= end);
    if (wanted.length > 0) yield wanted;
    const last = records.at(-1)?.dynamodb?.SequenceNumber;
    // An open shard returns pages without end, even empty ones: stop at the first record after the batch.
    if (wanted.length < records.length || (last !== undefined && BigInt(last) >= end)) return;
    ShardIterator = page.NextShardIterator;
  }
}

const BatchResponse = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** Returns why the consumer failed, or `undefined` if it did not fail. */
const invoke = async (lambda: LambdaClient, arn: string, Records: object[]): Promise<string | undefined> => {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: arn, Payload: JSON.stringify({ Records }) }),
  );
  const text = Buffer.from(Payload ?? []).toString('utf8');
  if (FunctionError !== undefined) return text.slice(0, 500);
  const [first] = BatchResponse.parse(JSON.parse(text)).batchItemFailures;
  return first && `the change ${first.itemIdentifier} could not be handled; see the function's log`;
};
