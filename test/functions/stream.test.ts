import type { DynamoDBBatchResponse } from 'aws-lambda';
import { expect, test } from 'vitest';
import { type AwsAnswer, type AwsRequest, givenAws } from './aws-double.ts';
import { berthEnvironment } from './environment.ts';
import { auditEvents, buildId, buildsEvent } from './events.ts';
import { awsEnvironment, givenFunction } from './lambda.ts';

const environment = (endpoint: string) => ({ ...awsEnvironment(endpoint), ...berthEnvironment });
const machine = JSON.parse(berthEnvironment.BERTH_WORKFLOWS)['start-workspace'] as string;

const denied: AwsAnswer = { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } };
const failingAt = (name: string) => (request: AwsRequest) => (request.body['name'] === name ? denied : {});

test('a new build starts its workflow, named by the build', async () => {
  const aws = await givenAws();
  const invoke = await givenFunction('stream-workspaces', environment(aws.endpoint));
  const answer = await invoke<DynamoDBBatchResponse>({ Records: buildsEvent().Records.slice(0, 1) });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(aws.requests).toHaveLength(1);
  expect(aws.requests[0]).toMatchObject({
    operation: 'AWSStepFunctions.StartExecution',
    body: { stateMachineArn: machine, name: buildId },
  });
});

test('a record that fails ends its batch there: it is told as failed, those after it are not touched', async () => {
  const aws = await givenAws(failingAt(buildId.replace(/1$/, '2')));
  const invoke = await givenFunction('stream-workspaces', environment(aws.endpoint));
  const answer = await invoke<DynamoDBBatchResponse>(buildsEvent());
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '700000000028218379113' }]);
  expect(aws.requests.map(({ body }) => body['name'])).not.toContain(buildId.replace(/1$/, '3'));
});

test('audit events before one that cannot be read are delivered; it alone is told as failed', async () => {
  const aws = await givenAws(() => ({ body: { Records: [{ SequenceNumber: '1', ShardId: '0' }] } }));
  const invoke = await givenFunction('stream-audit', environment(aws.endpoint));
  const answer = await invoke<DynamoDBBatchResponse>(auditEvents());
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '700000000028218379116' }]);
  expect(aws.requests).toHaveLength(1);
  const [put] = aws.requests;
  const records = put?.body['Records'] as { Data: string; PartitionKey: string }[];
  expect(put?.operation).toBe('Kinesis_20131202.PutRecords');
  expect(records.map(({ Data }) => JSON.parse(Buffer.from(Data, 'base64').toString()).action)).toEqual([
    'workspace.create',
  ]);
});

test('a batch that the audit stream does not take fails as a whole, so that nothing overtakes', async () => {
  const aws = await givenAws(() => ({ status: 400, body: { __type: 'ResourceNotFoundException', message: 'gone' } }));
  const invoke = await givenFunction('stream-audit', environment(aws.endpoint));
  await expect(invoke({ Records: auditEvents().Records.slice(0, 1) })).rejects.toThrow('gone');
});

test('a function whose environment lacks something says all that is missing when it starts', async () => {
  await expect(givenFunction('stream-workspaces', {})).rejects.toThrow(/BERTH_WORKFLOWS/);
  await expect(givenFunction('schedule-stop', { BERTH_TABLE: 't' })).rejects.toThrow(
    /BERTH_SCHEDULE_GROUP.*BERTH_STOP_FUNCTION/,
  );
});
