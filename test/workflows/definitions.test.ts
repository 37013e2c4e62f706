import { readFileSync } from 'node:fs';
import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { WorkflowName } from '../../contracts/workspaces/workflows.ts';
import { stepFunctions } from '../../functions/steps/steps.ts';

interface State {
  Type: string;
  Resource?: string;
  Parameters?: { FunctionName: string };
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  Retry?: {
    Comment?: string;
    ErrorEquals: string[];
    IntervalSeconds: number;
    MaxAttempts: number;
    BackoffRate: number;
    MaxDelaySeconds?: number;
    JitterStrategy?: string;
  }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
}
interface Definition {
  States: Record<string, State>;
}

const read = (name: string): Definition =>
  JSON.parse(readFileSync(`${import.meta.dirname}/../../workflows/${name}.asl.json`, 'utf8')) as Definition;

describe.each(WorkflowName.options)('%s', (name) => {
  const definition = read(name);
  const tasks = Object.entries(definition.States).filter(([, state]) => state.Type === 'Task');

  test('is valid Amazon States Language', () => {
    const { isValid, errorsText } = aslValidator(definition);
    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
  });

  test.each(tasks)('%s calls the step function of its own name', (state, { Resource, Parameters }) => {
    expect(Parameters?.FunctionName ?? Resource).toBe(`\${${state}}`);
    expect(Object.keys(stepFunctions)).toContain(state);
  });

  test.each(tasks)('%s has a timeout and bounded retries, whose total its comment states', (_, state) => {
    expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath).toBeDefined();
    for (const retry of state.Retry ?? []) {
      const { MaxDelaySeconds: most = Number.POSITIVE_INFINITY } = retry;
      const waits = Array.from({ length: retry.MaxAttempts }, (_, n) =>
        Math.min(most, retry.IntervalSeconds * retry.BackoffRate ** n),
      );
      const longest = waits.reduce((sum, wait) => sum + wait, 0);
      expect(retry.Comment).toContain(`= ${longest} s`);
    }
  });

  test.each(tasks)('%s retries long enough for a morning on which everybody starts, with jitter', (_, state) => {
    const { Retry = [] } = state;
    const found = Retry.find(({ ErrorEquals }) => ErrorEquals.includes('Lambda.TooManyRequestsException'));
    expect(found).toMatchObject({ JitterStrategy: 'FULL', MaxDelaySeconds: 60 });
    // With jitter, a delay of at most 60 s takes 30 s on average: 20 minutes at least.
    expect((found?.MaxAttempts ?? 0) * 30).toBeGreaterThanOrEqual(1_200);
    for (const { MaxAttempts, JitterStrategy } of Retry) if (MaxAttempts > 0) expect(JitterStrategy).toBe('FULL');
  });

  test.each(tasks)('%s does not retry errors that a retry cannot fix', (state, { Retry = [] }) => {
    const matching = Retry.find(({ ErrorEquals }) =>
      ['compute_failed', 'States.ALL'].some((e) => ErrorEquals.includes(e)),
    );
    // Explain and Fail move no compute, and a build must end.
    if (!['Explain', 'Fail'].includes(state)) expect(matching?.MaxAttempts ?? 0).toBe(0);
  });

  test.each(tasks.filter(([state]) => !['Explain', 'CleanUp', 'Fail'].includes(state)))(
    '%s catches every error and continues with Explain',
    (_, state) => {
      expect(state.Catch?.slice(-1)).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Explain' }]);
    },
  );
});
