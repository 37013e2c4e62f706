import { sanitizeLine } from '../../base/sanitize.ts';
import { ApiError } from '../../contracts/client/calls.ts';
import { type ErrorName, errorCatalogue, problemType } from '../../contracts/errors/error-names.ts';
import type { Problem } from '../../contracts/errors/problem.ts';
import { exitCodes } from './exit-codes.ts';

/** An error that the CLI itself raises. Its message states the remedy. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  readonly problem: Problem;

  constructor(error: ErrorName, message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
    this.problem = { type: problemType(error), ...errorCatalogue[error], detail: message };
  }
}

export const usageError = (message: string): CliError => new CliError('invalid_request', message, exitCodes.usage);

const exitCodeOf = (error: ErrorName): number => {
  if (error === 'unauthenticated') return exitCodes.notSignedIn;
  return error === 'not_found' ? exitCodes.notFound : exitCodes.failed;
};

export const signInHint =
  'Sign in with: berth login ADDRESS. Without a browser, set BERTH_TOKEN to an API token, or use: berth login --token';

/** The remedy for a rejected token. Users forget that BERTH_TOKEN takes precedence over their sign-in. */
const tokenHint = (): string =>
  process.env['BERTH_TOKEN']
    ? 'The token comes from the variable BERTH_TOKEN. Set it to a valid one (berth tokens create NAME), or unset it to use your sign-in (berth login).'
    : signInHint;

/** Converts any thrown value to a problem, the lines to print and the exit code. */
export const describeError = (thrown: unknown): { problem: Problem; lines: string[]; exitCode: number } => {
  if (thrown instanceof CliError) {
    return { problem: thrown.problem, lines: [thrown.message], exitCode: thrown.exitCode };
  }
  if (!(thrown instanceof ApiError)) throw thrown;
  const { problem } = thrown;
  const hint = thrown.error === 'unauthenticated' ? ` ${tokenHint()}` : '';
  const unmentioned = (problem.errors ?? []).filter(({ detail }) => !problem.detail.includes(detail));
  const fields = unmentioned.map(({ field, detail }) => `  ${field === '' ? '' : `${field}: `}${detail}`);
  return { problem, lines: [problem.detail + hint, ...fields].map(sanitizeLine), exitCode: exitCodeOf(thrown.error) };
};
