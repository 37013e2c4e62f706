import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { closeReason, eofMessage } from '../../contracts/agent/wire.ts';
import { highWater, lowWater } from './session-socket.ts';

/** A client that responds to neither of two pings is gone, although its network reported nothing. */
const defaultHeartbeatMs = 30_000;

/** Encodes the header of an unmasked binary message in one frame (RFC 6455, section 5.2). */
const encodeFrameHeader = (length: number): Buffer => {
  if (length < 126) return Buffer.of(0x82, length);
  if (length < 65_536) return Buffer.of(0x82, 126, length >> 8, length & 255);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(0x827f);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
};

/**
 * The bytes of an `ssh` or `port` session (contracts/sessions/session.ts) as a stream whose directions end separately.
 * It writes WebSocket frames to the socket below ws itself: ws needs each message in one buffer, and the copies and
 * their garbage took an eighth of the agent's CPU time and 40 MB.
 */
export class ByteSession extends Duplex {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #heartbeat: NodeJS.Timeout;
  #pending: Buffer[] = [];
  #onWritable: (() => void) | undefined;
  /** The client announced that it sends no more. */
  #ended = false;

  constructor(socket: WebSocket, stream: Duplex, heartbeatMs = defaultHeartbeatMs) {
    super({ readableHighWaterMark: highWater, writableHighWaterMark: highWater });
    this.#socket = socket;
    this.#stream = stream;
    this.#heartbeat = this.#startHeartbeat(heartbeatMs);
    socket.on('message', (data, isBinary) => {
      if (isBinary && !this.#ended) {
        // A destroyed stream accepts nothing, but reading must continue: the client's close frame comes after the data.
        if (!this.push(data) && !this.destroyed) socket.pause();
      } else if (String(data) === eofMessage) {
        this.#ended = true;
        this.push(null);
      } else this.fail('The session received an unknown message. Update your Berth client.');
    });
    socket.once('close', () => this.#clientClosed());
    socket.on('error', () => socket.terminate());
  }

  /** Ends the session with an error message for the person. */
  fail(reason: string): void {
    this.#socket.close(1011, closeReason(reason));
    this.destroy();
  }

  /** The client is gone. If it had sent everything, the reader still gets all of it, however late it reads. */
  #clientClosed(): void {
    if (this.#ended && !this.readableEnded) this.once('end', () => this.destroy());
    else this.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** Everything written in one turn is sent as one message: ssh2 writes a packet in three chunks. */
  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pending.push(bytes);
    if (this.#pending.length === 1) process.nextTick(() => this.#flush());
    if (this.#socket.bufferedAmount < highWater) done();
    else this.#onWritable = done;
  }

  override _final(done: () => void): void {
    this.#flush();
    this.#socket.send(eofMessage, () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#heartbeat);
    this.#flush();
    this.#socket.close(1000);
    // Nobody reads any more. A paused socket would not see the client's close frame behind its data.
    this.#socket.resume();
    done(error);
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const chunks = this.#pending;
    this.#pending = [];
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#stream.cork();
    this.#stream.write(encodeFrameHeader(chunks.reduce((sum, { length }) => sum + length, 0)));
    const last = chunks.pop() as Buffer;
    for (const chunk of chunks) this.#stream.write(chunk);
    this.#stream.write(last, () => this.#resumeWrites());
    this.#stream.uncork();
  }

  #resumeWrites(): void {
    if (this.#onWritable === undefined || this.#socket.bufferedAmount > lowWater) return;
    const done = this.#onWritable;
    this.#onWritable = undefined;
    done();
  }

  #startHeartbeat(heartbeatMs: number): NodeJS.Timeout {
    let missed = 0;
    this.#socket.on('pong', () => {
      missed = 0;
    });
    return setInterval(() => {
      missed += 1;
      if (missed <= 2) this.#socket.ping();
      else if (this.#socket.readyState === WebSocket.CLOSED) this.destroy();
      else this.#socket.terminate();
    }, heartbeatMs);
  }
}
