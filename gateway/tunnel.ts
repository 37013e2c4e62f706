import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { createWebSocketStream, type WebSocket } from 'ws';
import { Activity, type Manifest } from '../contracts/agent.ts';
import { BerthError } from '../core/errors.ts';

/** As in the agent: bytes in flight per stream and per connection. */
const streamWindow = 1024 * 1024;
const connectionWindow = 8 * 1024 * 1024;
const answerMs = 10_000;

/** An answer about activity is far smaller; an agent that says more is not believed. */
const longestAnswer = 4_096;

const smallJson = async (stream: ClientHttp2Stream): Promise<unknown> => {
  let text = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.length > longestAnswer) throw new Error('the agent answered more than it was asked for');
  }
  return JSON.parse(text);
};

/** What `http` expects of a socket and an HTTP/2 stream, which has no socket of its own, lacks. */
const socketMethods = {
  setNoDelay: () => undefined,
  setKeepAlive: () => undefined,
  ref: () => undefined,
  unref: () => undefined,
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

  async activity(): Promise<Activity> {
    const answer = await this.#open({ ':method': 'GET', ':path': '/activity' }, '', (stream) => smallJson(stream));
    return Activity.parse(answer);
  }

  /** A byte stream to what the authority names, fit to be a socket for `http`. `agent_unreachable` when nothing is there. */
  async connect(authority: string): Promise<ClientHttp2Stream> {
    const stream = await this.#open({ ':method': 'CONNECT', ':authority': authority });
    return Object.assign(stream, socketMethods);
  }

  /**
   * With a body the request is ended by it, without one it stays open. `take` reads the answer from the beginning: one
   * that is over before its headers are told of is lost to whoever begins later.
   */
  #open(headers: OutgoingHttpHeaders, body?: string): Promise<ClientHttp2Stream>;
  #open<T>(headers: OutgoingHttpHeaders, body: string, take: (stream: ClientHttp2Stream) => Promise<T>): Promise<T>;
  #open<T>(
    headers: OutgoingHttpHeaders,
    body?: string,
    take?: (stream: ClientHttp2Stream) => Promise<T>,
  ): Promise<T | ClientHttp2Stream> {
    return new Promise((resolve, reject) => {
      const refuse = (why: string) =>
        reject(new BerthError('agent_unreachable', `The workspace did not answer: ${why}. Try again in a moment.`));
      if (!this.isOpen) return refuse('it is not connected');
      const stream = this.#session.request(headers, { endStream: false });
      if (body !== undefined) stream.end(body);
      const taken = take?.(stream);
      taken?.catch((error: Error) => refuse(error.message));
      const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), answerMs);
      stream.once('response', ({ ':status': status = 0 }) => {
        if (taken === undefined) clearTimeout(timer);
        if (status < 300) return resolve(taken ?? stream);
        stream.close(constants.NGHTTP2_CANCEL);
        refuse(
          status === 404 ? 'it knows no such app' : status === 502 ? 'nothing listens there' : `it refused (${status})`,
        );
      });
      // Whoever uses the stream listens too; this one is here so that an error before that ends no process.
      stream.on('error', (error) => refuse(error.message));
      stream.once('close', () => {
        clearTimeout(timer);
        refuse('the connection was lost');
      });
    });
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
