import { randomUUID } from 'node:crypto';
import { StateMachine } from 'aws-local-stepfunctions';
import type { WorkflowInput, WorkflowName } from '../../contracts/workspaces/workflows.ts';
import type { Workflows } from '../../core/ports/workflows.ts';
import { TaskTokens } from './task-tokens.ts';

/** The functions behind the task states, by state name. */
export type Steps = Record<string, (input: unknown) => Promise<unknown>>;

interface LocalWorkflowOptions {
  /** The deployed Amazon States Language definitions, by name. */
  definitions: Record<WorkflowName, object>;
  /** Called once per start of an execution, because the steps need a runtime that contains these workflows. */
  steps: () => Steps;
  onFailure: (executionName: string, error: unknown) => void;
}

export interface LocalWorkflows extends Workflows {
  /**
   * Starts no more executions, aborts the running ones, and resolves when no step is running. An interrupted build
   * continues after the next start.
   */
  close(): Promise<void>;
}

/**
 * Runs the deployed workflow definitions in this process. Starting a running execution joins it. A finished execution
 * may run again, because after a restart only the table shows which builds are unfinished.
 */
export const localWorkflows = ({ definitions, steps, onFailure }: LocalWorkflowOptions): LocalWorkflows => {
  const machines = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, machineOf(definition)]),
  ) as Record<WorkflowName, StateMachine>;
  const tokens = new TaskTokens();
  const running = new Map<string, { abort(): void }>();
  /** How often an execution was repeated because the previous one did not end the build. */
  const resumed = new Map<string, number>();
  const active = new Set<Promise<unknown>>();
  let closed = false;

  /** The step of an aborted execution still runs and may be starting compute, so `close` waits for it. */
  const tracked =
    (step: Steps[string]): Steps[string] =>
    async (input) => {
      if (closed) throw isClosed();
      const work = step(input);
      active.add(work);
      try {
        return await work;
      } finally {
        active.delete(work);
      }
    };

  const run = (workflow: WorkflowName, name: string, input: WorkflowInput) => {
    const all = Object.fromEntries(Object.entries(steps()).map(([state, step]) => [state, tracked(step)]));
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
      });
  };

  const start: Workflows['start'] = async (workflow, name, input) => {
    if (closed) throw isClosed();
    if (!running.has(name)) run(workflow, name, input);
  };

  return {
    start,
    resume: async (workflow, name, input) => {
      if (running.has(name)) return 'under-way';
      const times = (resumed.get(name) ?? 0) + 1;
      if (times > maxExecutions) return 'given-up';
      resumed.set(name, times);
      await start(workflow, name, input);
      return 'under-way';
    },
    succeed: async (token, output) => tokens.succeed(token, output),
    fail: async (token, error, cause) => tokens.fail(token, error, cause),
    close: async () => {
      closed = true;
      for (const execution of running.values()) execution.abort();
      await Promise.allSettled(active);
    },
  };
};

/** Names the executions of one build in sequence. */
const maxExecutions = 5;

const isClosed = () => new Error('The workflows are closed; the next start of Berth continues the remaining builds.');

/** Validation takes 0.5 s and 40 MB per start, and the tests have validated the deployed definitions. */
const machineOf = (definition: object): StateMachine =>
  new StateMachine(withoutParameters(definition) as never, { validationOptions: { noValidate: true } });

interface Definition {
  States: Record<string, { Resource?: string; Parameters?: unknown }>;
}

const waitsForToken = (state: Definition['States'][string]) => state.Resource?.endsWith('.waitForTaskToken') === true;

/**
 * This interpreter would read the `TimeoutSecondsPath` of a state with a task token from its `Parameters`; on AWS the
 * path refers to the state's input. Therefore the functions receive the input itself here.
 */
const withoutParameters = (definition: object): Definition => {
  const { States, ...rest } = definition as Definition;
  const states = Object.entries(States).map(([name, state]) => {
    const { Parameters, ...others } = state;
    return [name, waitsForToken(state) ? others : state];
  });
  return { ...rest, States: Object.fromEntries(states) };
};

/** Each task state calls its step. A step with a task token also waits until a result is sent to the token. */
const handlersOf = (definition: object, steps: Steps, tokens: TaskTokens, execution: string): Steps =>
  Object.fromEntries(
    Object.entries((definition as Definition).States).flatMap(([name, state]) => {
      const step = steps[name];
      if (step === undefined) return [];
      if (!waitsForToken(state)) return [[name, async (input: unknown) => (await step(input)) ?? null]];
      return [[name, (input: unknown) => untilResult(step, input as object, tokens, execution)]];
    }),
  );

/** Each wait has a token of its own, so that a late result does not end the execution's next wait. */
const untilResult = async (step: Steps[string], input: object, tokens: TaskTokens, execution: string) => {
  const taskToken = `${execution}.${randomUUID()}`;
  try {
    const result = tokens.wait(taskToken);
    await step?.({ ...input, taskToken });
    return await result;
  } finally {
    tokens.forget(taskToken);
  }
};
