import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import { Activity, type Manifest } from '../contracts/agent.ts';
import { parseJson } from '../contracts/json.ts';
import { activityAuthority, elsewherePing, eventsAuthority, runAuthority } from '../contracts/wire.ts';
import { BerthError } from '../core/errors.ts';
import { answerMs, Connection, Refused } from '../tunnel/connection.ts';
import type { TunnelStream } from '../tunnel/stream.ts';
import { beat } from './heartbeat.ts';

/** An answer about activity is far smaller; an agent that says more is not believed. */
const longestAnswer = 4_096;

/** What an agent says is never part of an error, which is logged. */
const activityIn = (said: string): Activity => {
  const read = Activity.safeParse(parseJson(said));
  if (!read.success) throw new Error('it said something else than its activity');
  return read.data;
};

/** A whole answer, in time. */
const answerOf = async (stream: TunnelStream): Promise<string> => {
  const timer = setTimeout(() => stream.destroy(new Error('it did not answer')), answerMs);
  let length = 0;
  stream.on('data', (bytes: Buffer) => {
    length += bytes.length;
    if (length > longestAnswer) stream.destroy(new Error('it said more than it was asked for'));
  });
  try {
    return await text(stream);
  } finally {
    clearTimeout(timer);
  }
};

const unreachable: Record<number, string> = { 404: 'it knows no such app', 502: 'nothing listens there' };

/** The gateway's end of one agent's connection (contracts/agent.ts). */
export class Tunnel {
  readonly #socket: WebSocket;
  readonly #connection: Connection;
  readonly closed: Promise<void>;

  constructor(socket: WebSocket, heartbeatMs: number) {
    this.#socket = socket;
    this.#connection = new Connection(socket);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    beat(socket, heartbeatMs, () => this.close());
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Cuts the connection and everything that goes through it. */
  close(): void {
    this.#connection.close();
  }

  /** Tells the agent what to run; the same build again changes nothing. */
  async run(manifest: Manifest): Promise<void> {
    const stream = await this.connect(runAuthority);
    stream.end(JSON.stringify(manifest));
    await answerOf(stream);
  }

  /** The agent's events after `seq` as NDJSON; ends only with the tunnel. */
  events(after: number): Promise<TunnelStream> {
    return this.connect(eventsAuthority(after));
  }

  async activity(): Promise<Activity> {
    const stream = await this.connect(activityAuthority);
    stream.end();
    return activityIn(await answerOf(stream));
  }

  /** A byte stream to what the authority names, fit to be a socket for `http`. `agent_unreachable` when nothing is there. */
  async connect(authority: string): Promise<TunnelStream> {
    try {
      return await this.#connection.open(authority);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      const why = unreachable[thrown.status ?? 0] ?? thrown.message;
      throw new BerthError('agent_unreachable', `The workspace did not answer: ${why}. Try again in a moment.`);
    }
  }

  /** Asks the agent to connect anew, elsewhere, and leaves what is open through this connection open. */
  sendElsewhere(): void {
    if (this.isOpen) this.#socket.ping(elsewherePing);
  }
}
