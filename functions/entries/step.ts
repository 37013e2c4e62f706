import type { Context } from 'aws-lambda';
import { loggableText } from '../../base/redact.ts';
import { BerthError } from '../../core/errors.ts';
import { log, logsOf } from './log.ts';

/** What Step Functions keeps of an error for 90 days and catches it by: its name, a sentence, no more. */
class StepError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.stack = `${name}: ${message}`;
  }
}

const isName = (name: string): boolean => /^[\w.]{1,100}$/.test(name);

const caught = (thrown: unknown): StepError => {
  if (!(thrown instanceof Error)) return new StepError('internal', loggableText(String(thrown)));
  return new StepError(isName(thrown.name) ? thrown.name : 'internal', loggableText(thrown.message));
};

/** A step as a Lambda. What it throws is told under its own name, by which workflows catch and retry. */
export const stepHandler =
  <Input>(step: (input: Input) => Promise<unknown>) =>
  async (input: Input, context: Context): Promise<unknown> => {
    logsOf(context);
    try {
      return (await step(input)) ?? null;
    } catch (thrown) {
      log(thrown instanceof BerthError ? 'info' : 'error', 'a step failed', { error: thrown });
      throw caught(thrown);
    }
  };
