import type { WebSocket } from 'ws';
import {
  encodeHeader,
  frameType,
  maxAuthorityBytes,
  maxStreams,
  ProtocolError,
  readFrames,
  readNumber,
} from './frames.ts';
import { Outbox } from './outbox.ts';
import { measureRoundTrips } from './round-trips.ts';
import { type TunnelResources, TunnelStream } from './stream.ts';
import { ReceiveWindows } from './windows.ts';

/** How long the other end may take to accept or refuse a stream. */
export const acceptTimeoutMs = 10_000;

/**
 * A peer that pings and never reads would make our pongs pile up in memory, so above this many buffered bytes, far more
 * than this end sends ahead, its pings get no pong.
 */
const maxBufferedForPong = 1024 * 1024;

/**
 * A stream could not be opened. With a `status` the other end refused it; without one there was no response. `message`
 * continues a sentence of the caller's, for example "The workspace cannot be reached: …".
 */
export class TunnelStreamRefused extends Error {
  override readonly name = 'TunnelStreamRefused';
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Called with a stream that the other end opened; it must accept or refuse the stream. */
export type StreamHandler = (stream: TunnelStream, authority: string) => void;

/** Settles an `open`: without a refusal the stream was accepted. */
type OpenResult = (refusal?: TunnelStreamRefused) => void;

/**
 * Copies a payload that is small beside the buffer it is a view of: the view would hold that whole buffer in memory
 * until the payload is read.
 */
const detachSmallPayload = (payload: Buffer): Buffer => {
  if (payload.length * 2 >= payload.buffer.byteLength) return payload;
  const copy = Buffer.allocUnsafeSlow(payload.length);
  payload.copy(copy);
  return copy;
};

const connectionLost = () => new Error('the connection was lost');
/** Callers recognize a reset by the code of Node's sockets. */
const connectionReset = () => Object.assign(connectionLost(), { code: 'ECONNRESET' });

/**
 * One end of a tunnel: many streams multiplexed on one WebSocket. The gateway, which was dialed, opens streams; the
 * agent, which dialed, handles them. A peer that breaks the protocol is disconnected.
 */
export class TunnelConnection {
  readonly #socket: WebSocket;
  readonly #shared: TunnelResources;
  readonly #handleStream: StreamHandler | undefined;
  readonly #streams = new Map<number, TunnelStream>();
  readonly #awaitingAccept = new Map<number, OpenResult>();
  #lastId = 0;

  /** Create it as soon as the WebSocket is open. The WebSocket needs `autoPong: false`: this class sends the pongs. */
  constructor(socket: WebSocket, handleStream?: StreamHandler) {
    this.#socket = socket;
    this.#shared = { outbox: new Outbox(socket), windows: new ReceiveWindows() };
    this.#handleStream = handleStream;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (message: Buffer, isBinary: boolean) => this.#receive(message, isBinary));
    socket.on('error', () => socket.terminate());
    socket.on('ping', (payload: Buffer) => {
      if (socket.bufferedAmount < maxBufferedForPong) socket.pong(payload);
    });
    measureRoundTrips(socket, (ms) => this.#shared.windows.recordRoundTrip(ms));
    socket.once('close', () => {
      for (const stream of [...this.#streams.values()]) stream.closeWithoutReset(connectionLost());
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Disconnects immediately, which ends every stream. */
  close(): void {
    this.#socket.terminate();
  }

  /** Opens a stream to an authority. Resolves once the other end accepted it, else throws `TunnelStreamRefused`. */
  async open(authority: string, timeoutMs = acceptTimeoutMs): Promise<TunnelStream> {
    if (!this.isOpen) throw new TunnelStreamRefused('it is not connected');
    if (this.#streams.size >= maxStreams) throw new TunnelStreamRefused('too many connections to it are open');
    this.#lastId += 1;
    const stream = this.#createStream(this.#lastId);
    const name = Buffer.from(authority);
    this.#shared.outbox.sendControl(Buffer.concat([encodeHeader(frameType.open, stream.id, name.length), name]));
    const timer = setTimeout(() => stream.destroy(new Error('it did not respond in time')), timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#awaitingAccept.set(stream.id, (refusal) => (refusal === undefined ? resolve() : reject(refusal)));
      });
      return stream;
    } finally {
      clearTimeout(timer);
    }
  }

  #createStream(id: number): TunnelStream {
    const stream = new TunnelStream(id, this.#shared, (error) => {
      this.#streams.delete(id);
      this.#removeAwaiting(id)?.(new TunnelStreamRefused((error ?? connectionLost()).message));
    });
    this.#streams.set(id, stream);
    return stream;
  }

  #removeAwaiting(id: number): OpenResult | undefined {
    const settle = this.#awaitingAccept.get(id);
    this.#awaitingAccept.delete(id);
    return settle;
  }

  #receive(message: Buffer, isBinary: boolean): void {
    // Messages may still arrive after this end closed the connection.
    if (!this.isOpen) return;
    try {
      if (!isBinary) throw new ProtocolError('a text message was received');
      readFrames(message, (type, id, payload) => this.#handleFrame(type, id, payload));
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown;
      this.close();
    }
  }

  #handleFrame(type: number, id: number, payload: Buffer): void {
    if (type === frameType.open) return void this.#handleOpen(id, payload);
    if (id > this.#lastId) throw new ProtocolError('the stream was never opened');
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#dispatch(stream, type, payload);
  }

  #dispatch(stream: TunnelStream, type: number, payload: Buffer): void {
    if (type === frameType.data) stream.receive(detachSmallPayload(payload));
    else if (type === frameType.credit) stream.addCredit(readNumber(payload, 4));
    else if (type === frameType.end) stream.receiveEnd();
    else if (type === frameType.reset) stream.closeWithoutReset(connectionReset());
    else if (type === frameType.accept) this.#openResult(stream)();
    else if (type === frameType.refuse) this.#handleRefusal(stream, readNumber(payload, 2));
    else throw new ProtocolError('the frame type is unknown');
  }

  #openResult(stream: TunnelStream): OpenResult {
    const settle = this.#removeAwaiting(stream.id);
    if (settle === undefined) throw new ProtocolError('the stream does not wait for a response');
    return settle;
  }

  #handleRefusal(stream: TunnelStream, status: number): void {
    this.#openResult(stream)(new TunnelStreamRefused(`it refused the connection (${status})`, status));
    stream.closeWithoutReset(new Error('the stream was refused'));
  }

  #handleOpen(id: number, payload: Buffer): void {
    if (this.#handleStream === undefined || id <= this.#lastId || payload.length > maxAuthorityBytes) {
      throw new ProtocolError('this stream may not be opened');
    }
    this.#lastId = id;
    const stream = this.#createStream(id);
    if (this.#streams.size > maxStreams) stream.refuse(503);
    else this.#handleStream(stream, payload.toString());
  }
}
