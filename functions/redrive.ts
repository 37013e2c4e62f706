import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../adapters/aws-client.ts';
import { readVariables } from '../contracts/environment.ts';
import { redrive } from './stream/redrive.ts';

/**
 * `BERTH_FAILED_CHANGES=<URL of the queue> npm run redrive`, with credentials that may read the queue and the stream and
 * invoke the two consumers. Ends with 1 when something failed again.
 */
const { BERTH_FAILED_CHANGES } = readVariables(process.env, ['BERTH_FAILED_CHANGES']);
const { handled, failed, expired } = await redrive({
  sqs: new SQSClient(awsClient()),
  streams: new DynamoDBStreamsClient(awsClient()),
  // A consumer takes a minute for a batch at the most.
  lambda: new LambdaClient(awsClient({ requestTimeoutMs: 70_000 })),
  queueUrl: BERTH_FAILED_CHANGES,
  tell: (line) => void process.stdout.write(`${line}\n`),
});
process.stdout.write(`${handled} handled, ${failed} failed again, ${expired} no longer in the stream\n`);
if (failed > 0) process.exitCode = 1;
