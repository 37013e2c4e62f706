import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  InvalidToken,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { WorkflowName } from '../../contracts/events.ts';
import type { Workflows } from '../../core/ports.ts';

export interface StepFunctionsOptions {
  client: SFNClient;
  /** ARN of each state machine, without version or alias. */
  stateMachines: Record<WorkflowName, string>;
}

/** What the service takes, in characters. */
const longestError = 256;
const longestCause = 32_768;

/** Ended by force or by an error that no state caught; the definitions end well even when their build failed. */
const killed = ['FAILED', 'TIMED_OUT', 'ABORTED'];

/** Workflows as executions of Step Functions (of the standard type), named by their build's id. */
export const stepFunctionsWorkflows = ({ client, stateMachines }: StepFunctionsOptions): Workflows => {
  /** A build that is not over and whose execution was killed goes on where that stopped, or it would never end. */
  const redriveIfKilled = async (stateMachineArn: string, name: string) => {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (killed.includes(status ?? '')) await client.send(new RedriveExecutionCommand({ executionArn }));
  };

  return {
    start: async (workflow, name, { workspaceId, buildId }) => {
      const stateMachineArn = stateMachines[workflow];
      // Named in one order: an execution that runs is joined only by the very same text.
      const input = JSON.stringify({ workspaceId, buildId });
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
        await redriveIfKilled(stateMachineArn, name);
      }
    },
    succeed: (taskToken, output) =>
      unlessOver(() => client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
    fail: (taskToken, error, cause) =>
      unlessOver(() =>
        client.send(
          new SendTaskFailureCommand({
            taskToken,
            error: error.slice(0, longestError),
            cause: cause.slice(0, longestCause),
          }),
        ),
      ),
  };
};

/** An answer to a wait that is over already is no failure: the change stream may deliver it twice, or late. */
const unlessOver = async (answer: () => Promise<unknown>): Promise<void> => {
  try {
    await answer();
  } catch (error) {
    const isOver = error instanceof TaskDoesNotExist || error instanceof TaskTimedOut || error instanceof InvalidToken;
    if (!isOver) throw error;
  }
};
