import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WorkflowName } from '../../contracts/events.ts';
import { type LocalWorkflows, localWorkflows, type Steps } from './local.ts';

const root = join(import.meta.dirname, '..', '..');
const definitions = Object.fromEntries(
  WorkflowName.options.map((name) => [
    name,
    JSON.parse(readFileSync(join(root, 'workflows', `${name}.asl.json`), 'utf8')) as object,
  ]),
) as Record<WorkflowName, object>;

const input = { workspaceId: 'w', buildId: 'b' };
const settled = { settled: true, waitSeconds: 0 };

let workflows: LocalWorkflows;
afterEach(() => workflows.close());

/** The deployed definitions over steps that note their calls and answer as given. */
const given = (answers: Record<string, (state: Record<string, unknown>) => unknown> = {}) => {
  const calls: string[] = [];
  const failures: unknown[] = [];
  const usual: typeof answers = {
    Plan: () => ({ agentTimeoutSeconds: 60 }),
    Apply: () => settled,
    AwaitAgent: () => undefined,
    Complete: () => undefined,
    Explain: () => ({ canceled: false, failure: {} }),
    CleanUp: () => settled,
    Fail: () => undefined,
    StopCompute: () => settled,
    DestroyCompute: () => settled,
  };
  const steps = Object.fromEntries(
    Object.entries({ ...usual, ...answers }).map(([name, answer]) => [
      name,
      async (state: unknown) => {
        calls.push(name);
        return answer(state as Record<string, unknown>);
      },
    ]),
  ) as Steps;
  workflows = localWorkflows({ definitions, steps: () => steps, onFailure: (_, error) => failures.push(error) });
  return { calls, failures };
};

class Named extends Error {
  override readonly name: string;
  constructor(name: string) {
    super(`${name} happened`);
    this.name = name;
  }
}

test('a start goes through its states and waits for the answer to its task token', async () => {
  const { calls } = given();
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => calls).toEqual(['Plan', 'Apply', 'AwaitAgent']);
  await workflows.succeed('b', {});
  await expect.poll(() => calls).toEqual(['Plan', 'Apply', 'AwaitAgent', 'Complete']);
});

test('an answer that comes while the waiting state is still at work is not lost', async () => {
  const { calls } = given({ AwaitAgent: () => workflows.succeed('b', {}) });
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => calls.at(-1)).toBe('Complete');
});

test('a failed wait is explained by its name, cleaned up, and ends the build', async () => {
  const states: Record<string, unknown>[] = [];
  const { calls } = given({ Explain: (state) => states.push(state) && { canceled: true } });
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => calls.at(-1)).toBe('AwaitAgent');
  await workflows.fail('b', 'startup_failed', 'It ended with exit code 3.');
  await expect.poll(() => calls.slice(3)).toEqual(['Explain', 'CleanUp', 'Fail']);
  expect(states[0]?.['caught']).toMatchObject({ Error: 'startup_failed' });
  expect(JSON.stringify(states[0]?.['caught'])).toContain('exit code 3');
});

test('an error of a step is caught by its name', async () => {
  const states: Record<string, unknown>[] = [];
  const { calls } = given({
    Apply: () => {
      throw new Named('compute_failed');
    },
    Explain: (state) => states.push(state) && { canceled: true },
  });
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => calls).toEqual(['Plan', 'Apply', 'Explain', 'CleanUp', 'Fail']);
  expect(states[0]?.['caught']).toMatchObject({ Error: 'compute_failed' });
});

test('compute that takes longer is looked at again', async () => {
  let looks = 0;
  const { calls } = given({ StopCompute: () => (++looks < 3 ? { settled: false, waitSeconds: 0 } : settled) });
  await workflows.start('stop-workspace', 'b', input);
  await expect.poll(() => calls).toEqual(['StopCompute', 'StopCompute', 'StopCompute', 'Complete']);
});

test('a second start of an execution joins the first', async () => {
  const { calls } = given();
  await workflows.start('start-workspace', 'b', input);
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => calls).toEqual(['Plan', 'Apply', 'AwaitAgent']);
});

test('answers to tokens that nobody waits for are dropped', async () => {
  const { failures } = given();
  await workflows.succeed('nobody', {});
  await workflows.fail('nobody', 'x', 'y');
  expect(failures).toEqual([]);
});

test('an error that no state catches is reported', async () => {
  const definition = { StartAt: 'Plan', States: { Plan: { Type: 'Task', Resource: '${Plan}', End: true } } };
  const failures: string[] = [];
  workflows = localWorkflows({
    definitions: { ...definitions, 'start-workspace': definition },
    steps: () => ({ Plan: () => Promise.reject(new Named('internal')) }),
    onFailure: (execution) => failures.push(execution),
  });
  await workflows.start('start-workspace', 'b', input);
  await expect.poll(() => failures).toEqual(['b']);
});
