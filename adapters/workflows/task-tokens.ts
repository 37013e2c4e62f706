interface Waiting {
  promise: Promise<unknown>;
  resolve: (output: unknown) => void;
  reject: (error: Error) => void;
}

/** A failure sent to a task token; a workflow catches it by `name`. */
class TaskFailure extends Error {
  override readonly name: string;
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/** Waits that end when a result is sent to their token. A result for an unknown token is dropped. */
export class TaskTokens {
  readonly #waiting = new Map<string, Waiting>();

  /** Returns the existing wait for a known token, so that a retried step does not lose a result. */
  wait(token: string): Promise<unknown> {
    const known = this.#waiting.get(token);
    if (known !== undefined) return known.promise;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // A result may arrive while the step still runs; it is read when the step has finished.
    promise.catch(() => this.#waiting.has(token));
    this.#waiting.set(token, { promise, resolve, reject });
    return promise;
  }

  succeed(token: string, output: unknown): void {
    this.#waiting.get(token)?.resolve(output);
  }

  fail(token: string, error: string, cause: string): void {
    this.#waiting.get(token)?.reject(new TaskFailure(error, cause));
  }

  forget(token: string): void {
    this.#waiting.delete(token);
  }
}
