import type { Context } from 'aws-lambda';
import { BerthError } from '../../core/errors.ts';
import { toStepError } from '../steps/step-error.ts';
import { log, setInvocation } from './log.ts';

/** Wraps a step as a Lambda handler. Errors keep their names, by which workflows catch and retry. */
export const stepHandler =
  <Input>(step: (input: Input) => Promise<unknown>) =>
  async (input: Input, context: Context): Promise<unknown> => {
    setInvocation(context);
    try {
      return (await step(input)) ?? null;
    } catch (thrown) {
      log(thrown instanceof BerthError ? 'info' : 'error', 'a step failed', { error: thrown });
      throw toStepError(thrown);
    }
  };
