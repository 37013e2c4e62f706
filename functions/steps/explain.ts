import type { WorkflowInput } from '../../contracts/workspaces/workflows.ts';
import { explainFailure } from '../../core/workspaces/rules/failures.ts';
import type { Runtime } from '../runtime.ts';
import type { StepFunction } from './build.ts';

/** The input after a Catch, which adds the error to the workflow's state. */
export interface CaughtInput extends WorkflowInput {
  caught: { Error: string; Cause?: string };
}

export type Explained = { canceled: true } | { canceled: false; failure: ReturnType<typeof explainFailure> };

/** Explains a caught error to people. A cancel is not a failure. */
export const explain: StepFunction<CaughtInput, Explained, Pick<Runtime, 'log'>> = (runtime) => async (input) => {
  const error = input.caught.Error;
  if (error === 'build_canceled') return { canceled: true };
  const failure = explainFailure({ error, cause: input.caught.Cause ?? '' });
  runtime.log(failure.error === 'internal' ? 'error' : 'warn', 'build failed', {
    build: input.buildId,
    error: { name: error, ...(failure.error === 'internal' ? { cause: input.caught.Cause } : {}) },
  });
  return { canceled: false, failure };
};
