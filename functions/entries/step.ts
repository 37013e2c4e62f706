import type { Context } from 'aws-lambda';
import { BerthError } from '../../core/errors.ts';
import { toStepError } from '../steps/step-error.ts';
import { log, logsOf } from './log.ts';

/** A step as a Lambda function. */
export const stepHandler =
  <Input>(step: (input: Input) => Promise<unknown>) =>
  async (input: Input, context: Context): Promise<unknown> => {
    logsOf(context);
    try {
      return (await step(input)) ?? null;
    } catch (thrown) {
      log(thrown instanceof BerthError ? 'info' : 'error', 'a step failed', { error: thrown });
      throw toStepError(thrown);
    }
  };
