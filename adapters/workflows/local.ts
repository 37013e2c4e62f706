import { StateMachine } from 'aws-local-stepfunctions';
import type { WorkflowInput, WorkflowName } from '../../contracts/events.ts';
import type { Workflows } from '../../core/ports.ts';
import { TaskTokens } from './task-tokens.ts';

/** The functions behind the task states, by state name. */
export type Steps = Record<string, (input: unknown) => Promise<unknown>>;

export interface LocalWorkflowOptions {
  /** Amazon States Language definitions by name, as they are deployed. */
  definitions: Record<WorkflowName, object>;
  /** Asked once per start of an execution, as the steps need a runtime that holds these workflows. */
  steps: () => Steps;
  onFailure: (executionName: string, error: unknown) => void;
}

export interface LocalWorkflows extends Workflows {
  /**
   * Starts nothing more, aborts what runs, and resolves when no step is at work any more. A build that is cut off is
   * taken up again at the next start.
   */
  close(): Promise<void>;
}

/**
 * Runs the deployed workflow definitions in this process. An execution that runs already is joined; one that is over
 * may run again, as after a restart the table alone says what is left to do.
 */
export const localWorkflows = ({ definitions, steps, onFailure }: LocalWorkflowOptions): LocalWorkflows => {
  const machines = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, machineOf(definition)]),
  ) as Record<WorkflowName, StateMachine>;
  const tokens = new TaskTokens();
  const running = new Map<string, { abort(): void }>();
  const atWork = new Set<Promise<unknown>>();
  let closed = false;

  /** An aborted execution leaves its step at work, which may be starting compute: `close` waits for it. */
  const followed =
    (step: Steps[string]): Steps[string] =>
    async (input) => {
      if (closed) throw isClosed();
      const work = step(input);
      atWork.add(work);
      try {
        return await work;
      } finally {
        atWork.delete(work);
      }
    };

  const run = (workflow: WorkflowName, name: string, input: WorkflowInput) => {
    const all = Object.fromEntries(Object.entries(steps()).map(([state, step]) => [state, followed(step)]));
    const taskResourceLocalHandlers = handlersOf(definitions[workflow], all, tokens, name);
    const execution = machines[workflow].run(input, {
      overrides: { taskResourceLocalHandlers },
      noThrowOnAbort: true,
    } as never);
    running.set(name, execution);
    execution.result
      .catch((error: unknown) => onFailure(name, error))
      .finally(() => {
        running.delete(name);
        tokens.forget(name);
      });
  };

  return {
    start: async (workflow, name, input) => {
      if (closed) throw isClosed();
      if (!running.has(name)) run(workflow, name, input);
    },
    succeed: async (token, output) => tokens.succeed(token, output),
    fail: async (token, error, cause) => tokens.fail(token, error, cause),
    close: async () => {
      closed = true;
      for (const execution of running.values()) execution.abort();
      await Promise.allSettled(atWork);
    },
  };
};

const isClosed = () => new Error('The workflows are closed: the next start of Berth goes on with what is left.');

/** Validation takes half a second and 40 MB at each start; the tests have validated what is deployed. */
const machineOf = (definition: object): StateMachine =>
  new StateMachine(withoutParameters(definition) as never, { validationOptions: { noValidate: true } });

interface Definition {
  States: Record<string, { Resource?: string; Parameters?: unknown }>;
}

const waitsForToken = (state: Definition['States'][string]) => state.Resource?.endsWith('.waitForTaskToken') === true;

/**
 * States that wait for a task token hand over `Parameters`, from which this interpreter would also read their
 * `TimeoutSecondsPath`; on AWS that is a path of the state's input. Here their functions get the input itself.
 */
const withoutParameters = (definition: object): Definition => {
  const { States, ...rest } = definition as Definition;
  const states = Object.entries(States).map(([name, state]) => {
    const { Parameters, ...others } = state;
    return [name, waitsForToken(state) ? others : state];
  });
  return { ...rest, States: Object.fromEntries(states) };
};

/** Each task state calls its step; one with a task token also waits until somebody answers to the token. */
const handlersOf = (definition: object, steps: Steps, tokens: TaskTokens, taskToken: string): Steps =>
  Object.fromEntries(
    Object.entries((definition as Definition).States).flatMap(([name, state]) => {
      const step = steps[name];
      if (step === undefined) return [];
      if (!waitsForToken(state)) return [[name, async (input: unknown) => (await step(input)) ?? null]];
      return [[name, (input: unknown) => untilAnswered(step, input as object, tokens, taskToken)]];
    }),
  );

const untilAnswered = async (step: Steps[string], input: object, tokens: TaskTokens, taskToken: string) => {
  const answer = tokens.wait(taskToken);
  await step?.({ ...input, taskToken });
  return answer;
};
