import { type ErrorName, errorCatalogue, type Problem, problemType } from '../contracts/errors.ts';

export interface BerthErrorOptions {
  /** The offending field, as a path: `parameters.cpu`. */
  field?: string;
  /** All offending fields, when there are several. */
  errors?: { field: string; detail: string }[];
  /** The id of another's thing that the policy kept from the person: to be audited, never told. */
  refused?: string | undefined;
  cause?: unknown;
}

/**
 * An error that is told to a person. `message` is a sentence: what failed, why, and what to do.
 * `name` is the stable name from the catalogue, by which workflows catch it too.
 */
export class BerthError extends Error {
  override readonly name: ErrorName;
  readonly field: string | undefined;
  readonly errors: { field: string; detail: string }[] | undefined;

  readonly refused: string | undefined;

  constructor(name: ErrorName, message: string, options: BerthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.field = options.field;
    this.errors = options.errors;
    this.refused = options.refused;
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

/** Anything thrown, as a problem to answer with. What is not ours says nothing of its inside. */
export const toProblem = (thrown: unknown, requestId?: string): Problem =>
  thrown instanceof BerthError
    ? thrown.toProblem(requestId)
    : new BerthError(
        'internal',
        `Something went wrong in Berth. Try again; if it stays, give your administrator the request id${requestId === undefined ? '' : ` ${requestId}`}.`,
      ).toProblem(requestId);
