import { isTyped, Novelty } from '../../contracts/agent/activity.ts';
import type { Activity } from '../../contracts/agent/tunnel.ts';

/** Sources whose traffic is tracked separately. Above this the least recently active one is forgotten. */
const maxSources = 256;

/** Records when a person last acted (the rule is in contracts/agent/activity.ts) and how many connections are open. */
export class ActivityMeter {
  #lastInputAt: number | undefined;
  #connections = 0;
  readonly #sources = new Map<string, Novelty>();

  /** Records an action of a person. */
  recordInput(): void {
    this.#lastInputAt = Date.now();
  }

  /** Records what the client of a terminal sent, if a person typed it. */
  recordTerminalInput(bytes: Uint8Array): void {
    if (isTyped(bytes)) this.recordInput();
  }

  /**
   * Records a message in a protocol that the agent does not understand. `source` names where it goes, for example a
   * port; what counts is whether its traffic differs from before.
   */
  recordMessage(source: string, { length }: Uint8Array): void {
    const novelty = this.#sources.get(source) ?? new Novelty();
    this.#sources.delete(source);
    this.#sources.set(source, novelty);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > maxSources && oldest !== undefined) this.#sources.delete(oldest);
    if (novelty.isNew(length)) this.recordInput();
  }

  /** Counts a connection as open until the returned function is called. */
  countConnection(): () => void {
    this.#connections += 1;
    let open = true;
    return () => {
      if (open) this.#connections -= 1;
      open = false;
    };
  }

  summary(): Activity {
    const connections = this.#connections;
    if (this.#lastInputAt === undefined) return { connections };
    return { connections, lastInputAt: new Date(this.#lastInputAt).toISOString() };
  }
}
