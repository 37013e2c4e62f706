import type { DynamoDBBatchResponse } from 'aws-lambda';
import { expect, test } from 'vitest';
import { type AwsRequest, type AwsResponse, givenAws } from './aws-double.ts';
import { berthEnvironment } from './environment.ts';
import { auditEvents, buildId, buildsEvent } from './events.ts';
import { awsEnvironment, givenFunction } from './lambda.ts';

const environment = (endpoint: string) => ({ ...awsEnvironment(endpoint), ...berthEnvironment });
const machine = JSON.parse(berthEnvironment.BERTH_WORKFLOWS)['start-workspace'] as string;

const denied: AwsResponse = { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } };
const failingAt = (name: string) => (request: AwsRequest) => (request.body['name'] === name ? denied : {});

test('a new build starts its workflow, named by the build', async () => {
  const aws = await givenAws();
  const invoke = await givenFunction('stream-workspaces', environment(aws.endpoint));
  const response = await invoke<DynamoDBBatchResponse>({ Records: buildsEvent().Records.slice(0, 1) });
  expect(response).toEqual({ batchItemFailures: [] });
  expect(aws.requests).toHaveLength(1);
  expect(aws.requests[0]).toMatchObject({
    operation: 'AWSStepFunctions.StartExecution',
    body: { stateMachineArn: machine, name: buildId },
  });
});

test('a failed record ends its batch: it is reported as failed, and later ones are not handled', async () => {
  const aws = await givenAws(failingAt(buildId.replace(/1$/, '2')));
  const invoke = await givenFunction('stream-workspaces', environment(aws.endpoint));
  const response = await invoke<DynamoDBBatchResponse>(buildsEvent());
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: '700000000028218379113' }]);
  expect(aws.requests.map(({ body }) => body['name'])).not.toContain(buildId.replace(/1$/, '3'));
});

test('audit events before an unreadable record are delivered, and that record is reported as failed', async () => {
  const aws = await givenAws(() => ({ body: { Records: [{ SequenceNumber: '1', ShardId: '0' }] } }));
  const invoke = await givenFunction('stream-audit', environment(aws.endpoint));
  const response = await invoke<DynamoDBBatchResponse>(auditEvents());
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: '700000000028218379116' }]);
  expect(aws.requests).toHaveLength(1);
  const [put] = aws.requests;
  const records = put?.body['Records'] as { Data: string; PartitionKey: string }[];
  expect(put?.operation).toBe('Kinesis_20131202.PutRecords');
  expect(records.map(({ Data }) => JSON.parse(Buffer.from(Data, 'base64').toString()).action)).toEqual([
    'workspace.create',
  ]);
});

test('a batch that the audit stream rejects fails as a whole, so that no event overtakes another', async () => {
  const aws = await givenAws(() => ({ status: 400, body: { __type: 'ResourceNotFoundException', message: 'gone' } }));
  const invoke = await givenFunction('stream-audit', environment(aws.endpoint));
  await expect(invoke({ Records: auditEvents().Records.slice(0, 1) })).rejects.toThrow('gone');
});

test('a cold start names all missing environment variables', async () => {
  await expect(givenFunction('stream-workspaces', {})).rejects.toThrow(/BERTH_WORKFLOWS/);
  await expect(givenFunction('schedule-stop', { BERTH_TABLE: 't' })).rejects.toThrow(
    /BERTH_SCHEDULE_GROUP.*BERTH_STOP_FUNCTION/,
  );
});
