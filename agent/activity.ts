import type { Activity } from '../contracts/agent.ts';

/** When a person last did something, and how many connections are open. Only input counts: an open, silent tab is none. */
export class ActivityMeter {
  #lastInputAt: number | undefined;
  #connections = 0;

  input(): void {
    this.#lastInputAt = Date.now();
  }

  /** Counts a connection until the returned function is called. */
  open(): () => void {
    this.#connections += 1;
    let open = true;
    return () => {
      if (open) this.#connections -= 1;
      open = false;
    };
  }

  read(): Activity {
    const connections = this.#connections;
    if (this.#lastInputAt === undefined) return { connections };
    return { connections, lastInputAt: new Date(this.#lastInputAt).toISOString() };
  }
}
