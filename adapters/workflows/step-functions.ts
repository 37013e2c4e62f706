import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionNotRedrivable,
  ExecutionRedriveStatus,
  InvalidToken,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { WorkflowInput, WorkflowName } from '../../contracts/workspaces/workflows.ts';
import type { Workflows } from '../../core/ports/workflows.ts';

interface StepFunctionsOptions {
  client: SFNClient;
  /** ARN of each state machine, without a version or alias. */
  stateMachines: Record<WorkflowName, string>;
}

/** The service's limits, in characters. */
const longestError = 256;
const longestCause = 32_768;

/** Ended by force or by an uncaught error; the definitions succeed even if their build failed. */
const killed = ['FAILED', 'TIMED_OUT', 'ABORTED'];

/** Names the executions of one build in sequence. */
const maxExecutions = 5;

/**
 * A redrive uses the definition with which the execution was started. An execution that is killed repeatedly may belong
 * to an older version whose functions no longer exist. Then a new execution with the current definition continues the
 * build.
 */
const maxRedrives = 3;

/** Runs workflows as standard Step Functions executions, named by the build's ID. */
export const stepFunctionsWorkflows = ({ client, stateMachines }: StepFunctionsOptions): Workflows => {
  /**
   * Redrives the killed execution of an active build, which would otherwise never end. Returns `over` if the execution
   * finished but the table says that the build did not, for example after a restore of an older copy.
   */
  const follow = async (stateMachineArn: string, name: string): Promise<'runs' | 'over'> => {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const { status, redriveCount, redriveStatus } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return 'over';
    if (!killed.includes(status ?? '')) return 'runs';
    const isSpent = redriveStatus === ExecutionRedriveStatus.NOT_REDRIVABLE || (redriveCount ?? 0) >= maxRedrives;
    return !isSpent && (await redrive(executionArn)) ? 'runs' : 'over';
  };

  /** Returns `false` if the execution ended before the service's redrive period. */
  const redrive = async (executionArn: string): Promise<boolean> => {
    try {
      await client.send(new RedriveExecutionCommand({ executionArn }));
      return true;
    } catch (error) {
      if (error instanceof ExecutionNotRedrivable) return false;
      throw error;
    }
  };

  /**
   * Returns `false` if an execution of this name exists or existed. The key order is fixed, because a running execution
   * is joined only for identical input.
   */
  const startNew = async (stateMachineArn: string, name: string, { workspaceId, buildId }: WorkflowInput) => {
    try {
      const input = JSON.stringify({ workspaceId, buildId });
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      return true;
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return false;
      throw error;
    }
  };

  return {
    start: async (workflow, name, input) => void (await startNew(stateMachines[workflow], name, input)),
    resume: async (workflow, name, input) => {
      // Steps check the build first, so the execution of a finished build ends at its first step.
      for (let number = 1; number <= maxExecutions; number++) {
        const numbered = number === 1 ? name : `${name}.${number}`;
        if (await startNew(stateMachines[workflow], numbered, input)) return 'under-way';
        if ((await follow(stateMachines[workflow], numbered)) === 'runs') return 'under-way';
      }
      return 'given-up';
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

/** A result for a finished wait is not an error: the change stream may deliver it twice or late. */
const unlessOver = async (send: () => Promise<unknown>): Promise<void> => {
  try {
    await send();
  } catch (error) {
    const isOver = error instanceof TaskDoesNotExist || error instanceof TaskTimedOut || error instanceof InvalidToken;
    if (!isOver) throw error;
  }
};
