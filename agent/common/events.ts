import type { AgentEvent } from '../../contracts/agent/tunnel.ts';

type WithoutNumber<E> = E extends AgentEvent ? Omit<E, 'seq' | 'at'> : never;
type NewEvent = WithoutNumber<AgentEvent>;

/**
 * An app that flaps for days would fill the memory. Above this many the older half is dropped: a connected gateway has
 * stored it already.
 */
const maxEvents = 20_000;

/** The events of the build, numbered from 1 without gaps and kept so that a new connection resumes after the last. */
export class EventLog {
  #events: AgentEvent[] = [];
  readonly #followers = new Set<(event: AgentEvent) => void>();
  #last = 0;

  add(event: NewEvent): void {
    this.#last += 1;
    const numbered = { ...event, seq: this.#last, at: new Date().toISOString() } as AgentEvent;
    this.#events.push(numbered);
    if (this.#events.length > maxEvents) this.#events = this.#events.slice(-maxEvents / 2);
    for (const follower of this.#followers) follower(numbered);
  }

  addStep(step: string, title: string, status: 'running' | 'succeeded' | 'failed', message?: string): void {
    this.add({
      type: 'step',
      step,
      title,
      status,
      ...(message === undefined ? {} : { message: message.slice(0, 400) }),
    });
  }

  /** Calls `follower` with the events after `seq`, then with each new one until the returned function is called. */
  follow(seq: number, follower: (event: AgentEvent) => void): () => void {
    if (seq > this.#last) this.#continueAfter(seq);
    for (const event of this.#events) if (event.seq > seq) follower(event);
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** The agent was restarted: continue the numbers of the previous process, whose events the gateway has. */
  #continueAfter(seq: number): void {
    this.#events = this.#events.map((event, index) => ({ ...event, seq: seq + 1 + index }));
    this.#last = seq + this.#events.length;
  }
}
