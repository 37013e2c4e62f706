import type { AgentEvent } from '../contracts/agent.ts';

type WithoutNumber<E> = E extends AgentEvent ? Omit<E, 'seq' | 'at'> : never;
export type NewEvent = WithoutNumber<AgentEvent>;

/** An app that flaps for days would fill the memory: the oldest events, long in the table, are forgotten beyond this many. */
const keptEvents = 20_000;

/** Everything that happened in the run, numbered from 1 without a gap, kept so that a lost connection loses nothing. */
export class EventLog {
  #events: AgentEvent[] = [];
  readonly #followers = new Set<(event: AgentEvent) => void>();
  #last = 0;

  add(event: NewEvent): void {
    this.#last += 1;
    const numbered = { ...event, seq: this.#last, at: new Date().toISOString() } as AgentEvent;
    this.#events.push(numbered);
    if (this.#events.length > keptEvents) this.#events = this.#events.slice(-keptEvents / 2);
    for (const follower of this.#followers) follower(numbered);
  }

  step(step: string, title: string, status: 'running' | 'succeeded' | 'failed', message?: string): void {
    this.add({
      type: 'step',
      step,
      title,
      status,
      ...(message === undefined ? {} : { message: message.slice(0, 400) }),
    });
  }

  /** Hands over the events after `seq`, and those to come until the returned function is called. */
  follow(seq: number, follower: (event: AgentEvent) => void): () => void {
    if (seq > this.#last) this.#continueAfter(seq);
    for (const event of this.#events) if (event.seq > seq) follower(event);
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** The gateway holds events of a process before this one (the agent was restarted): number on from there. */
  #continueAfter(seq: number): void {
    this.#events = this.#events.map((event, index) => ({ ...event, seq: seq + 1 + index }));
    this.#last = seq + this.#events.length;
  }
}
