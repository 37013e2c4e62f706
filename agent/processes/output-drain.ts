import { setTimeout as after } from 'node:timers/promises';

const quietMs = 100;
const maxWaitMs = 1_000;
const pollMs = 20;

/**
 * Waits until the output of an ended process has been read: until its pipes close, or no output came for 100 ms, at
 * most 1 s. Waiting for the close alone is not enough, because a background process may keep the pipes open forever.
 * While the reader `isBehind`, it does not read, so silence means nothing and the wait continues.
 */
export class OutputDrain {
  readonly #isBehind: () => boolean;
  #last = 0;

  constructor(isBehind: () => boolean = () => false) {
    this.#isBehind = isBehind;
  }

  recordOutput(): void {
    this.#last = Date.now();
  }

  async wait(closed: Promise<unknown>): Promise<void> {
    let deadline = Date.now() + maxWaitMs;
    let open = true;
    const whenClosed = closed.then(() => {
      open = false;
    });
    this.recordOutput();
    while (open && Date.now() < Math.min(deadline, this.#last + quietMs)) {
      await Promise.race([whenClosed, after(pollMs)]);
      if (!this.#isBehind()) continue;
      this.recordOutput();
      deadline = Date.now() + maxWaitMs;
    }
  }
}
