import { BerthError } from '../../core/errors.ts';
import type { StartRuntime } from '../runtime.ts';
import { apply } from './apply.ts';
import { awaitAgent } from './await-agent.ts';
import { cleanUp } from './clean-up.ts';
import { complete } from './complete.ts';
import { destroyCompute } from './destroy-compute.ts';
import { explain } from './explain.ts';
import { fail } from './fail.ts';
import { plan } from './plan.ts';
import { toStepError } from './step-error.ts';
import { stopCompute } from './stop-compute.ts';

/** The function of every task state, by the state's name. */
export const stepFunctions = {
  Plan: plan,
  Apply: apply,
  AwaitAgent: awaitAgent,
  Complete: complete,
  Explain: explain,
  CleanUp: cleanUp,
  Fail: fail,
  StopCompute: stopCompute,
  DestroyCompute: destroyCompute,
};

type StepName = keyof typeof stepFunctions;

/** A step with its runtime, for a local workflow interpreter. */
type BoundStep = (input: unknown) => Promise<unknown>;

/** Throws errors for people as the deployed functions do. */
const withStepErrors =
  (step: BoundStep): BoundStep =>
  async (input) => {
    try {
      return await step(input);
    } catch (thrown) {
      throw thrown instanceof BerthError ? toStepError(thrown) : thrown;
    }
  };

export const bindSteps = (runtime: StartRuntime): Record<StepName, BoundStep> => {
  const bound = Object.entries(stepFunctions).map(([name, make]) => [name, withStepErrors(make(runtime) as BoundStep)]);
  return Object.fromEntries(bound);
};
