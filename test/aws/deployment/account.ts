import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateScheduleGroupCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { paginateGetExecutionHistory, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { kinesisAudit } from '../../../adapters/audit/kinesis.ts';
import { awsClient } from '../../../adapters/aws-client.ts';
import { eventBridgeScheduler } from '../../../adapters/scheduler/eventbridge.ts';
import { tableDefinition } from '../../../adapters/table/definition.ts';
import { dynamoClient } from '../../../adapters/table/dynamodb/client.ts';
import { dynamoTable } from '../../../adapters/table/dynamodb/table.ts';
import { stepFunctionsWorkflows } from '../../../adapters/workflows/step-functions.ts';
import type { WorkflowName } from '../../../contracts/workspaces/workflows.ts';
import { readAuditStream } from '../doubles/audit-stream.ts';
import { functionArn } from '../doubles/lambda.ts';
import { motoClient } from '../doubles/moto.ts';
import { schedulesIn, takeDueInvocations } from '../doubles/schedules.ts';
import { createStateMachines } from '../doubles/state-machines.ts';

/** A middleware that counts commands by name. */
const counting =
  (sent: Record<string, number>) =>
  <Next extends (args: never) => unknown>(next: Next, { commandName }: { commandName?: string }): Next => {
    const counted = (args: never) => {
      const name = String(commandName).replace(/Command$/, '');
      sent[name] = (sent[name] ?? 0) + 1;
      return next(args);
    };
    return counted as Next;
  };

export type Account = Awaited<ReturnType<typeof givenAccount>>;

/**
 * Creates the resources of a deployment in moto and DynamoDB Local, and the adapters for them with real clients. `name`
 * separates tests that share the servers.
 */
export const givenAccount = async (name: string, endpoints: { moto: string; dynamo: string }) => {
  const settings = awsClient(motoClient(endpoints.moto));
  const dynamo = dynamoClient(motoClient(endpoints.dynamo));
  const streams = new DynamoDBStreamsClient(awsClient(motoClient(endpoints.dynamo)));
  const kinesis = new KinesisClient(settings);
  const schedules = new SchedulerClient(settings);
  const sfn = new SFNClient(settings);
  await dynamo.send(new CreateTableCommand(tableDefinition(name)));
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
  await schedules.send(new CreateScheduleGroupCommand({ Name: name }));
  const stateMachines = await createStateMachines(sfn, name);
  const sent: Record<string, number> = {};
  dynamo.middlewareStack.add(counting(sent));
  kinesis.middlewareStack.add(counting(sent));
  schedules.middlewareStack.add(counting(sent));
  sfn.middlewareStack.add(counting(sent));
  return {
    name,
    /** How often each command was sent so far, without retries and without the event source's reads. */
    sent,
    streams,
    table: dynamoTable(dynamo, name),
    workflows: stepFunctionsWorkflows({ client: sfn, stateMachines }),
    audit: kinesisAudit({ client: kinesis, stream: name }),
    scheduler: eventBridgeScheduler({
      client: schedules,
      group: name,
      roleArn: 'arn:aws:iam::123456789012:role/schedules',
      deadLettersArn: 'arn:aws:sqs:eu-central-1:123456789012:dead-letters',
      stopFunctionArn: functionArn('stop'),
      autostartFunctionArn: functionArn('autostart'),
    }),
    /** All executions, by name. */
    executions: async () => {
      const found: { name: string; status: string }[] = [];
      for (const stateMachineArn of Object.values(stateMachines)) {
        for await (const { executions = [] } of paginateListExecutions({ client: sfn }, { stateMachineArn })) {
          found.push(
            ...executions.map((execution) => ({ name: execution.name ?? '', status: execution.status ?? '' })),
          );
        }
      }
      return found;
    },
    /** The states that an execution entered, in order. Step Functions bills them. */
    statesOf: async (workflow: WorkflowName, execution: string) => {
      const executionArn = `${stateMachines[workflow].replace(':stateMachine:', ':execution:')}:${execution}`;
      const entered: string[] = [];
      for await (const { events = [] } of paginateGetExecutionHistory({ client: sfn }, { executionArn })) {
        entered.push(...events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []));
      }
      return entered;
    },
    schedules: () => schedulesIn(schedules, name),
    takeDueInvocations: (by: Date) => takeDueInvocations(schedules, name, by),
    deliveredAudit: () => readAuditStream(kinesis, name),
    close: () => {
      for (const client of [dynamo, streams, kinesis, schedules, sfn]) client.destroy();
    },
  };
};
