import type { WebSocket } from 'ws';
import { frameType, headerOf, longestAuthority, mostStreams, numberIn, ProtocolError, readFrames } from './frames.ts';
import { Outbox } from './outbox.ts';
import { measureRoundTrips } from './round-trips.ts';
import { type Shared, TunnelStream } from './stream.ts';
import { Windows } from './windows.ts';

/** How long the other end may take to answer. */
export const answerMs = 10_000;

/**
 * An end that pings and never reads would have its answers pile up here: beyond this, far above what this end sends ahead,
 * it gets none.
 */
const mostWaiting = 1024 * 1024;

/** A stream could not be had: refused with a status, or not answered at all. `message` is the rest of a sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Takes a stream that the other end opened; it is to be accepted or refused. */
export type Take = (stream: TunnelStream, authority: string) => void;

/** The answer to an opened stream; left out, it was accepted. */
type Answered = (refusal?: Refused) => void;

/** A small part would keep the whole piece that was read with it in memory, for as long as nobody reads it. */
const keepable = (payload: Buffer): Buffer => {
  if (payload.length * 2 >= payload.buffer.byteLength) return payload;
  const own = Buffer.allocUnsafeSlow(payload.length);
  payload.copy(own);
  return own;
};

const lost = () => new Error('the connection was lost');

/**
 * One end of a tunnel: many streams on one WebSocket. The end that was dialled opens them; the one that dialled takes
 * them. An end that breaks the protocol is cut off.
 */
export class Connection {
  readonly #socket: WebSocket;
  readonly #shared: Shared;
  readonly #take: Take | undefined;
  readonly #streams = new Map<number, TunnelStream>();
  readonly #asked = new Map<number, Answered>();
  #lastId = 0;

  /** To be made as soon as the WebSocket is open, which is not to answer pings by itself (`autoPong: false`). */
  constructor(socket: WebSocket, take?: Take) {
    this.#socket = socket;
    this.#shared = { outbox: new Outbox(socket), windows: new Windows() };
    this.#take = take;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (message: Buffer, isBinary: boolean) => this.#receive(message, isBinary));
    socket.on('error', () => socket.terminate());
    socket.on('ping', (payload: Buffer) => {
      if (socket.bufferedAmount < mostWaiting) socket.pong(payload);
    });
    measureRoundTrips(socket, (ms) => this.#shared.windows.measured(ms));
    socket.once('close', () => {
      for (const stream of [...this.#streams.values()]) stream.breakOff(lost());
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Cuts the connection and everything that goes through it. */
  close(): void {
    this.#socket.terminate();
  }

  /** A stream to what the authority names, once the other end has agreed to it. Throws `Refused` when it does not. */
  async open(authority: string, withinMs = answerMs): Promise<TunnelStream> {
    if (!this.isOpen) throw new Refused('it is not connected');
    if (this.#streams.size >= mostStreams) throw new Refused('it has too much open already');
    this.#lastId += 1;
    const stream = this.#begin(this.#lastId);
    const name = Buffer.from(authority);
    this.#shared.outbox.urgent(Buffer.concat([headerOf(frameType.open, stream.id, name.length), name]));
    const timer = setTimeout(() => stream.destroy(new Error('it did not answer')), withinMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#asked.set(stream.id, (refusal) => (refusal === undefined ? resolve() : reject(refusal)));
      });
      return stream;
    } finally {
      clearTimeout(timer);
    }
  }

  #begin(id: number): TunnelStream {
    const stream = new TunnelStream(id, this.#shared, (error) => {
      this.#streams.delete(id);
      this.#takeAsked(id)?.(new Refused((error ?? lost()).message));
    });
    this.#streams.set(id, stream);
    return stream;
  }

  #takeAsked(id: number): Answered | undefined {
    const answered = this.#asked.get(id);
    this.#asked.delete(id);
    return answered;
  }

  #receive(message: Buffer, isBinary: boolean): void {
    // What was on its way when this end cut it.
    if (!this.isOpen) return;
    try {
      if (!isBinary) throw new ProtocolError('a text came');
      readFrames(message, (type, id, payload) => this.#handle(type, id, payload));
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown;
      this.close();
    }
  }

  #handle(type: number, id: number, payload: Buffer): void {
    if (type === frameType.open) return void this.#opened(id, payload);
    if (id > this.#lastId) throw new ProtocolError('there was no such stream');
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#tell(stream, type, payload);
  }

  #tell(stream: TunnelStream, type: number, payload: Buffer): void {
    if (type === frameType.data) stream.arrive(keepable(payload));
    else if (type === frameType.credit) stream.addCredit(numberIn(payload, 4));
    else if (type === frameType.end) stream.arriveEnd();
    else if (type === frameType.reset) stream.breakOff(lost());
    else if (type === frameType.accept) this.#answered(stream)();
    else if (type === frameType.refuse) this.#refused(stream, numberIn(payload, 2));
    else throw new ProtocolError('there is no such frame');
  }

  #answered(stream: TunnelStream): Answered {
    const answered = this.#takeAsked(stream.id);
    if (answered === undefined) throw new ProtocolError('nothing was asked');
    return answered;
  }

  #refused(stream: TunnelStream, status: number): void {
    this.#answered(stream)(new Refused(`it refused (${status})`, status));
    stream.breakOff(new Error('it was refused'));
  }

  #opened(id: number, payload: Buffer): void {
    if (this.#take === undefined || id <= this.#lastId || payload.length > longestAuthority) {
      throw new ProtocolError('no such stream may be opened');
    }
    this.#lastId = id;
    const stream = this.#begin(id);
    if (this.#streams.size > mostStreams) stream.refuse(503);
    else this.#take(stream, payload.toString());
  }
}
