import { type ErrorName, errorCatalogue, type Problem, problemType } from '../contracts/errors/problem.ts';

interface BerthErrorOptions {
  /** The offending field, as a path: `parameters.cpu`. */
  field?: string;
  /** All offending fields, when there are several. */
  errors?: { field: string; detail: string }[];
  /** The id of what the policy refused. It goes into the audit event and not into the response. */
  refused?: string | undefined;
  /** What to do about it, in one or more sentences. Ends the message; a failed build shows it separately. */
  remedy?: string;
  cause?: unknown;
}

/**
 * An error for a person to read. `message` says what failed, why, and what to do: the reason and, if given, the remedy.
 * `name` is the stable name from the catalogue; workflows catch errors by it.
 */
export class BerthError extends Error {
  override readonly name: ErrorName;
  readonly field: string | undefined;
  readonly errors: { field: string; detail: string }[] | undefined;

  readonly refused: string | undefined;
  readonly reason: string;
  readonly remedy: string | undefined;

  constructor(name: ErrorName, reason: string, options: BerthErrorOptions = {}) {
    const { remedy } = options;
    super(
      remedy === undefined ? reason : `${reason} ${remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = name;
    this.field = options.field;
    this.errors = options.errors;
    this.refused = options.refused;
    this.reason = reason;
    this.remedy = remedy;
  }

  get status(): number {
    return errorCatalogue[this.name].status;
  }

  toProblem(requestId?: string): Problem {
    return {
      type: problemType(this.name),
      title: errorCatalogue[this.name].title,
      status: this.status,
      detail: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }
}

/** The message of every unexpected error, whose details are only in the log. */
export const internalError = 'An internal error occurred.';

/** A problem (RFC 9457) for anything thrown. An unexpected error reveals nothing of its internals. */
export const toProblem = (thrown: unknown, requestId?: string): Problem =>
  thrown instanceof BerthError
    ? thrown.toProblem(requestId)
    : new BerthError(
        'internal',
        `${internalError} Try again. If the problem persists, contact your administrator${requestId === undefined ? '' : ` and include the request ID ${requestId}`}.`,
      ).toProblem(requestId);
