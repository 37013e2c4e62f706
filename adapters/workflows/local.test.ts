import { afterEach, expect, test } from 'vitest';
import { definitions } from '../../test/ports/definitions.ts';
import { successfulSteps } from '../../test/ports/workflows.ts';
import { type LocalWorkflows, localWorkflows, type Steps } from './local.ts';

/** Only behavior beyond the contract in test/ports/workflows.ts. */

const input = { workspaceId: 'w', buildId: 'b' };
const settled = { settled: true, waitSeconds: 0 };

let workflows: LocalWorkflows;
afterEach(() => workflows.close());

/** The deployed definitions with steps that record their calls and return the given results. */
const given = (results: typeof successfulSteps) => {
  const calls: string[] = [];
  const failures: unknown[] = [];
  const steps: Steps = Object.fromEntries(
    Object.entries({ ...successfulSteps, ...results }).map(([name, resultOf]) => [
      name,
      async (state: unknown) => {
        calls.push(name);
        return resultOf(state as Record<string, unknown>);
      },
    ]),
  );
  workflows = localWorkflows({ definitions, steps: () => steps, onFailure: (_, error) => failures.push(error) });
  return { calls, failures };
};

test('an error that no state catches is reported', async () => {
  const definition = { StartAt: 'Plan', States: { Plan: { Type: 'Task', Resource: '${Plan}', End: true } } };
  const failures: string[] = [];
  workflows = localWorkflows({
    definitions: { ...definitions, 'start-workspace': definition },
    steps: () => ({ Plan: () => Promise.reject(new Error('failed')) }),
    onFailure: (execution) => failures.push(execution),
  });
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => failures).toEqual(['b']);
});

test('close aborts running executions, waits for the active step, and starts nothing after it', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<object>();
  const { calls, failures } = given({ Apply: () => gate });
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => calls).toEqual(['Plan', 'Apply']);
  const order: string[] = [];
  const closing = workflows.close().then(() => order.push('closed'));
  await expect(workflows.start('start-workspace', 'c', input)).rejects.toThrow('closed');
  order.push('the step ends');
  open(settled);
  await closing;
  expect(order).toEqual(['the step ends', 'closed']);
  expect(calls).toEqual(['Plan', 'Apply']);
  expect(failures).toEqual([]);
});
