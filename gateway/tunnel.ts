import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import { createWebSocketStream, type WebSocket } from 'ws';
import { Activity, type Manifest } from '../contracts/agent.ts';
import { elsewherePing } from '../contracts/wire.ts';
import { BerthError } from '../core/errors.ts';
import { parseJson } from './json.ts';
import { openConnect, openStream, StreamRefused } from './streams.ts';

/** As in the agent: bytes in flight per stream and per connection. */
const streamWindow = 1024 * 1024;
const connectionWindow = 8 * 1024 * 1024;

/** An answer about activity is far smaller; an agent that says more is not believed. */
const longestAnswer = 4_096;

/** What an agent says is never part of an error, which is logged. */
const readActivity = async (stream: ClientHttp2Stream): Promise<Activity> => {
  let text = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > longestAnswer) throw new Error('it said more than it was asked for');
  }
  const read = Activity.safeParse(parseJson(text));
  if (!read.success) throw new Error('it said something else than its activity');
  return read.data;
};

const unreachable: Record<number, string> = { 404: 'it knows no such app', 502: 'nothing listens there' };

/** A refusal of the agent as the error that people get. */
const explained = async <T>(asked: Promise<T>): Promise<T> => {
  try {
    return await asked;
  } catch (thrown) {
    if (!(thrown instanceof StreamRefused)) throw thrown;
    const why = unreachable[thrown.status ?? 0] ?? thrown.message;
    throw new BerthError('agent_unreachable', `The workspace did not answer: ${why}. Try again in a moment.`);
  }
};

/** The gateway's end of one agent's connection: an HTTP/2 client on a WebSocket (contracts/agent.ts). */
export class Tunnel {
  readonly #socket: WebSocket;
  readonly #session: ClientHttp2Session;
  readonly closed: Promise<void>;

  /** To be called as soon as the WebSocket is there, or the agent's first bytes would find nobody listening. */
  constructor(socket: WebSocket, heartbeatMs: number) {
    this.#socket = socket;
    const connection = createWebSocketStream(socket);
    this.#session = connect('http://agent', {
      createConnection: () => connection,
      settings: { initialWindowSize: streamWindow, enablePush: false },
      maxSessionMemory: 64,
    });
    this.#session.once('connect', () => this.#session.setLocalWindowSize(connectionWindow));
    this.#session.on('error', () => this.close());
    connection.on('error', () => this.close());
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.#session.destroy())));
    this.#beat(heartbeatMs);
  }

  get isOpen(): boolean {
    return !this.#session.destroyed && !this.#session.closed;
  }

  /** Cuts the connection and everything that goes through it. */
  close(): void {
    this.#session.destroy();
    this.#socket.terminate();
  }

  /** Tells the agent what to run; the same build again changes nothing. */
  async run(manifest: Manifest): Promise<void> {
    const stream = await this.#open({ ':method': 'POST', ':path': '/run' }, JSON.stringify(manifest));
    stream.resume();
  }

  /** The agent's events after `seq` as NDJSON; ends only with the tunnel. */
  events(after: number): Promise<ClientHttp2Stream> {
    return this.#open({ ':method': 'GET', ':path': `/events?after=${after}` }, '');
  }

  activity(): Promise<Activity> {
    return explained(
      openStream(this.#session, { ':method': 'GET', ':path': '/activity' }, { body: '', take: readActivity }),
    );
  }

  /** A byte stream to what the authority names, fit to be a socket for `http`. `agent_unreachable` when nothing is there. */
  connect(authority: string): Promise<ClientHttp2Stream> {
    return explained(openConnect(this.#session, authority));
  }

  /**
   * Asks the agent to connect anew, elsewhere, and leaves what is open through this connection open. An agent of a
   * version that does not know the word takes it for an ordinary ping.
   */
  sendElsewhere(): void {
    if (this.isOpen) this.#socket.ping(elsewherePing);
  }

  #open(headers: OutgoingHttpHeaders, body: string): Promise<ClientHttp2Stream> {
    return explained(openStream(this.#session, headers, { body }));
  }

  /** A ping says when the next is due; an agent that misses two answers is gone. */
  #beat(everyMs: number): void {
    let missed = 0;
    const beat = () => {
      if (missed >= 2) return this.close();
      missed += 1;
      this.#socket.ping(String(everyMs));
    };
    beat();
    const timer = setInterval(beat, everyMs);
    this.#socket.on('pong', () => {
      missed = 0;
    });
    this.#socket.once('close', () => clearInterval(timer));
  }
}
