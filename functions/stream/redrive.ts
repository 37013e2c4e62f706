import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse } from 'aws-lambda';
import * as z from 'zod';
import { jsonText } from '../../contracts/json-text.ts';

/** What Lambda leaves in the on-failure queue of a consumer of the change stream: not the records, but where they are. */
const GivenUp = jsonText(
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
type GivenUp = z.infer<typeof GivenUp>;

export interface RedriveOptions {
  sqs: SQSClient;
  streams: DynamoDBStreamsClient;
  lambda: LambdaClient;
  /** URL of the on-failure queue. */
  queueUrl: string;
  /** Hears what became of each place. */
  tell: (line: string) => void;
}

export interface Redriven {
  handled: number;
  failed: number;
  /** The stream forgets after 24 hours. */
  expired: number;
}

/** A message that is taken is not seen by others until then: longer than any batch takes. */
const hiddenSeconds = 300;

/**
 * Hands what consumers of the change stream gave up on to them again: reads each place in the stream anew and invokes the
 * consumer's function with it. A message goes once its records are handled, or are gone for good; else it comes back in
 * five minutes. Each message is looked at once.
 */
export const redrive = async (options: RedriveOptions): Promise<Redriven> => {
  const { sqs, queueUrl: QueueUrl, tell } = options;
  const count: Redriven = { handled: 0, failed: 0, expired: 0 };
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: hiddenSeconds }),
    );
    const [message] = Messages;
    if (message === undefined) return count;
    const outcome = await redriveMessage(options, message.Body ?? '');
    count[outcome.is] += 1;
    tell(outcome.text);
    if (outcome.is !== 'failed') {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    }
  }
};

interface Outcome {
  is: keyof Redriven;
  text: string;
}

const redriveMessage = async (options: RedriveOptions, body: string): Promise<Outcome> => {
  const read = GivenUp.safeParse(body);
  if (!read.success) return { is: 'failed', text: 'A message that is not of a change stream was left in the queue.' };
  const { is, text } = await redrivePlace(options, read.data);
  return { is, text: `${nameOf(read.data)}: ${text}` };
};

const nameOf = ({ requestContext, DDBStreamBatchInfo: { startSequenceNumber, endSequenceNumber } }: GivenUp): string =>
  `${requestContext.functionArn.split(':')[6]}, changes ${startSequenceNumber} to ${endSequenceNumber}`;

const redrivePlace = async (options: RedriveOptions, place: GivenUp): Promise<Outcome> => {
  try {
    for await (const Records of recordsAt(options.streams, place)) {
      const problem = await consume(options.lambda, place.requestContext.functionArn, Records);
      if (problem !== undefined)
        return { is: 'failed', text: `failed again: ${problem}. Mend that, and redrive again.` };
    }
    return { is: 'handled', text: 'handled' };
  } catch (error) {
    const isGone = error instanceof TrimmedDataAccessException || error instanceof ResourceNotFoundException;
    if (!isGone) throw error;
    return {
      is: 'expired',
      text: 'is no longer in the stream. The sweep does what was left undone; audit events are still in the table.',
    };
  }
};

/** The records of a place, page by page as the stream gives them (1 MB, which is below what an invocation takes). */
async function* recordsAt(streams: DynamoDBStreamsClient, { DDBStreamBatchInfo: place }: GivenUp) {
  const start = {
    StreamArn: place.streamArn,
    ShardId: place.shardId,
    ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const,
    SequenceNumber: place.startSequenceNumber,
  };
  let { ShardIterator } = await streams.send(new GetShardIteratorCommand(start));
  const end = BigInt(place.endSequenceNumber);
  while (ShardIterator !== undefined) {
    const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
    const records = page.Records ?? [];
    const wanted = records.filter(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0) <= end);
    if (wanted.length > 0) yield wanted;
    const last = records.at(-1)?.dynamodb?.SequenceNumber;
    // An open shard goes on for ever, with pages that may be empty: what was asked for is behind when another follows.
    if (wanted.length < records.length || (last !== undefined && BigInt(last) >= end)) return;
    ShardIterator = page.NextShardIterator;
  }
}

const Answer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** What went wrong in the consumer, if anything. */
const consume = async (lambda: LambdaClient, arn: string, Records: object[]): Promise<string | undefined> => {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: arn, Payload: JSON.stringify({ Records }) }),
  );
  const text = Buffer.from(Payload ?? []).toString('utf8');
  if (FunctionError !== undefined) return text.slice(0, 500);
  const [first]: DynamoDBBatchResponse['batchItemFailures'] = Answer.parse(JSON.parse(text)).batchItemFailures;
  return first && `the change ${first.itemIdentifier} could not be handled; the function's log says why`;
};
