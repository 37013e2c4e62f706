import type { WorkflowInput, WorkflowName } from '../../contracts/workspaces/workflows.ts';
import type { Value } from './table.ts';

export interface Workflows {
  /** Starts an execution. Does nothing when one of that name runs or ran. */
  start(workflow: WorkflowName, executionName: string, input: WorkflowInput): Promise<void>;
  /**
   * For a build that is not over according to the table. Starts its execution, leaves a running one alone, continues
   * one that was killed, and reruns one that ended (possible after the table was restored from an older copy).
   * `given-up`: that happened several times already, so nothing was done.
   */
  resume(workflow: WorkflowName, executionName: string, input: WorkflowInput): Promise<'under-way' | 'given-up'>;
  /** Ends the wait for a task token. Does nothing when nobody waits for the token any more. */
  succeed(taskToken: string, output: Record<string, Value>): Promise<void>;
  fail(taskToken: string, error: string, cause: string): Promise<void>;
}
