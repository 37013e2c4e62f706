import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../../adapters/aws-client.ts';
import { sqsFailedChanges } from '../../adapters/table/dynamodb/failed-changes.ts';
import { readVariables } from '../../contracts/settings/environment.ts';
import { redrive } from '../stream/redrive.ts';

/**
 * `BERTH_FAILED_CHANGES=<URL of the queue> npm run redrive`, with credentials that may read the queue and the stream
 * and invoke the two consumers. Exits with 1 if a batch failed again.
 */
const { BERTH_FAILED_CHANGES } = readVariables(process.env, ['BERTH_FAILED_CHANGES']);
const failedChanges = sqsFailedChanges({
  sqs: new SQSClient(awsClient()),
  streams: new DynamoDBStreamsClient(awsClient()),
  // A consumer may take a minute for a batch.
  lambda: new LambdaClient(awsClient({ requestTimeoutMs: 70_000 })),
  queueUrl: BERTH_FAILED_CHANGES,
});
const { handled, failed, expired } = await redrive(failedChanges, (line) => void process.stdout.write(`${line}\n`));
process.stdout.write(`${handled} handled, ${failed} failed again, ${expired} no longer in the stream\n`);
if (failed > 0) process.exitCode = 1;
