import { setTimeout as after } from 'node:timers/promises';

const quietMs = 100;
const patienceMs = 1_000;
const lookMs = 20;

/**
 * Tells when an ended process's output is read: its pipes closed, or fell silent for 100 ms (for 1 s at the most),
 * because a background process may hold them open for ever. While nobody reads them, as the reader is `behind`, their
 * silence says nothing.
 */
export class Quiet {
  readonly #behind: () => boolean;
  #last = 0;

  constructor(behind: () => boolean = () => false) {
    this.#behind = behind;
  }

  heard(): void {
    this.#last = Date.now();
  }

  async wait(closed: Promise<unknown>): Promise<void> {
    let deadline = Date.now() + patienceMs;
    let open = true;
    const whenClosed = closed.then(() => {
      open = false;
    });
    this.heard();
    while (open && Date.now() < Math.min(deadline, this.#last + quietMs)) {
      await Promise.race([whenClosed, after(lookMs)]);
      if (!this.#behind()) continue;
      this.heard();
      deadline = Date.now() + patienceMs;
    }
  }
}
