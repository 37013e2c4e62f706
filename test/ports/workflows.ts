import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Workflows } from '../../core/ports/workflows.ts';

/** The functions behind the task states, by state name. */
export type Steps = Record<string, (input: unknown) => Promise<unknown>>;

interface OpenWorkflows {
  workflows: Workflows;
  /** `false` for a double that drops the cause of a failure. */
  keepsCauses?: boolean;
  /** `false` for a double without timeouts. */
  endsWaits?: boolean;
  /** `true` for a double in which a second result replaces one that the execution has not read yet. */
  replacesResults?: boolean;
  close(): Promise<void>;
}

type State = Record<string, unknown>;
type Results = Record<string, (state: State) => unknown>;

const settled = { settled: true, waitSeconds: 0 };
/** The results of steps that all succeed. */
export const successfulSteps: Results = {
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

class Named extends Error {
  override readonly name: string;
  constructor(name: string) {
    super(`${name} happened`);
    this.name = name;
  }
}

interface Execution {
  results: Results;
  calls: string[];
  states: State[];
}

/**
 * The contract of every adapter of the workflows port, with the definitions in `workflows/`. `open` receives the
 * functions of all states.
 */
export const workflowsContract = (name: string, open: (steps: Steps) => Promise<OpenWorkflows>): void => {
  describe(`workflows contract: ${name}`, () => {
    const executions = new Map<string, Execution>();
    const stepOf = (step: string) => async (input: unknown) => {
      const state = input as State;
      const execution = executions.get(String(state['buildId']));
      execution?.calls.push(step);
      execution?.states.push(state);
      return (execution?.results[step] ?? successfulSteps[step])?.(state);
    };

    let opened: OpenWorkflows;
    let workflows: Workflows;
    beforeAll(async () => {
      opened = await open(Object.fromEntries(Object.keys(successfulSteps).map((step) => [step, stepOf(step)])));
      workflows = opened.workflows;
    });
    afterAll(() => opened?.close());

    const given = (results: Results = {}) => {
      const id = `ws-${randomUUID()}-1`;
      const execution: Execution = { results, calls: [], states: [] };
      executions.set(id, execution);
      const start = (workflow: Parameters<Workflows['start']>[0]) =>
        workflows.start(workflow, id, { workspaceId: 'w', buildId: id });
      const calls = () => expect.poll(() => execution.calls, { timeout: 10_000 });
      const stateOf = (step: string) => execution.states[execution.calls.indexOf(step)];
      const token = () => String(stateOf('AwaitAgent')?.['taskToken']);
      return { id, start, calls, token, stateOf };
    };

    it('a start runs its states and waits for the result of its task token', async () => {
      const { id, start, calls, token, stateOf } = given();
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent']);
      expect(stateOf('Plan')).toMatchObject({ workspaceId: 'w', buildId: id });
      await workflows.succeed(token(), {});
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent', 'Complete']);
    });

    it('a result that arrives while the waiting state still runs is not lost', async () => {
      const { start, calls } = given({ AwaitAgent: ({ taskToken }) => workflows.succeed(String(taskToken), {}) });
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent', 'Complete']);
    });

    it('a failed wait is explained by its error name, cleaned up, and ends the build', async () => {
      const { start, calls, token, stateOf } = given();
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent']);
      await workflows.fail(token(), 'startup_failed', 'It ended with exit code 3.');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent', 'Explain', 'CleanUp', 'Fail']);
      expect(stateOf('Explain')?.['caught']).toMatchObject({ Error: 'startup_failed' });
      if (opened.keepsCauses === false) return;
      expect(JSON.stringify(stateOf('Explain')?.['caught'])).toContain('exit code 3');
    });

    it('a wait without a result ends at its timeout', async () => {
      if (opened.endsWaits === false) return;
      const { start, calls, stateOf } = given({ Plan: () => ({ agentTimeoutSeconds: 1 }) });
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent', 'Explain', 'CleanUp', 'Fail']);
      expect(stateOf('Explain')?.['caught']).toMatchObject({ Error: 'States.Timeout' });
    });

    it('the error of a step is caught by its name', async () => {
      const { start, calls, stateOf } = given({ Apply: () => Promise.reject(new Named('compute_failed')) });
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'Explain', 'CleanUp', 'Fail']);
      expect(stateOf('Explain')?.['caught']).toMatchObject({ Error: 'compute_failed' });
    });

    it('a start that is canceled while it waits is cleaned up, in several calls if necessary', async () => {
      let looks = 0;
      const { start, calls, token, stateOf } = given({
        Explain: () => ({ canceled: true, failure: {} }),
        CleanUp: () => (++looks < 2 ? { settled: false, waitSeconds: 0 } : settled),
      });
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent']);
      await workflows.fail(token(), 'canceled', 'The start was canceled.');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent', 'Explain', 'CleanUp', 'CleanUp', 'Fail']);
      expect(stateOf('Fail')?.['explained']).toMatchObject({ canceled: true });
    });

    it('a transient error is retried', async () => {
      let tries = 0;
      const conflict = () => Promise.reject(new Named('conflict'));
      const { start, calls } = given({ StopCompute: () => (++tries < 2 ? conflict() : settled) });
      await start('stop-workspace');
      await calls().toEqual(['StopCompute', 'StopCompute', 'Complete']);
    });

    it.each([
      ['stop-workspace', 'StopCompute'],
      ['delete-workspace', 'DestroyCompute'],
    ] as const)('%s repeats its step until the compute is settled', async (workflow, step) => {
      let looks = 0;
      const { start, calls } = given({ [step]: () => (++looks < 3 ? { settled: false, waitSeconds: 0 } : settled) });
      await start(workflow);
      await calls().toEqual([step, step, step, 'Complete']);
    });

    it('a second start of an execution does nothing', async () => {
      const { start, calls, token } = given();
      await start('start-workspace');
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent']);
      await workflows.succeed(token(), {});
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent', 'Complete']);
    });

    it('an unfinished build runs again after its execution ended', async () => {
      const { id, start, calls } = given();
      await start('stop-workspace');
      await calls().toEqual(['StopCompute', 'Complete']);
      const again = () => workflows.resume('stop-workspace', id, { workspaceId: 'w', buildId: id });
      await expect
        .poll(async () => {
          await again();
          return executions.get(id)?.calls.length;
        })
        .toBeGreaterThanOrEqual(4);
    });

    it('an unfinished build is given up after several executions', async () => {
      const { id, start, calls } = given();
      await start('stop-workspace');
      await calls().toEqual(['StopCompute', 'Complete']);
      const again = () => workflows.resume('stop-workspace', id, { workspaceId: 'w', buildId: id });
      await expect.poll(again, { timeout: 20_000 }).toBe('given-up');
      expect(executions.get(id)?.calls.length).toBeLessThanOrEqual(12);
    });

    it('results for an ended or unknown wait are ignored', async () => {
      const { start, calls, token } = given();
      await workflows.succeed('nobody', {});
      await workflows.fail('nobody', 'x', 'y');
      await start('start-workspace');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent']);
      await workflows.succeed(token(), {});
      if (opened.replacesResults === true) await calls().toContain('Complete');
      await workflows.succeed(token(), {});
      await workflows.fail(token(), 'startup_failed', 'Too late.');
      await calls().toEqual(['Plan', 'Apply', 'AwaitAgent', 'Complete']);
    });
  });
};
