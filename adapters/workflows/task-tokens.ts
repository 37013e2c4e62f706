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

/** Waits that end when somebody answers to their token. An answer to a token nobody waits for is dropped. */
export class TaskTokens {
  readonly #waiting = new Map<string, Waiting>();

  /** The same wait for the same token, so that a step which is tried again does not lose an answer. */
  wait(token: string): Promise<unknown> {
    const known = this.#waiting.get(token);
    if (known !== undefined) return known.promise;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // An answer may come while the step itself still runs; it is looked at when that is done.
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
