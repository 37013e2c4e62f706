import { loggableText } from '../../base/redact.ts';
import { causeOf } from '../../core/workspaces/rules/failures.ts';

/** The part of an error that Step Functions stores for 90 days: the name, by which workflows catch, and its cause. */
class StepError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.stack = `${name}: ${message}`;
  }
}

const isName = (name: string): boolean => /^[\w.]{1,100}$/.test(name);

/** An error as a step throws it to its workflow, without secrets and with its remedy. */
export const toStepError = (thrown: unknown): Error => {
  if (!(thrown instanceof Error)) return new StepError('internal', loggableText(String(thrown)));
  return new StepError(isName(thrown.name) ? thrown.name : 'internal', causeOf(thrown, loggableText));
};
