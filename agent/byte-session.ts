import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { closeReason, eofMessage } from '../contracts/wire.ts';
import { highWater, lowWater } from './session-socket.ts';

/** A client that answers neither of two beats is gone, and its network said nothing. */
const usualBeatMs = 30_000;

/** The head of a whole, unmasked binary message (RFC 6455, 5.2). */
const frameHead = (length: number): Buffer => {
  if (length < 126) return Buffer.of(0x82, length);
  if (length < 65_536) return Buffer.of(0x82, 126, length >> 8, length & 255);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(0x827f);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
};

/**
 * The bytes of a session of the kind `ssh` or `port` (contracts/session.ts), as a stream whose directions end apart. It
 * writes its messages to the WebSocket's own stream: ws would want each in one piece, and the copies and their garbage
 * took an eighth of the agent's time and 40 MB.
 */
export class ByteSession extends Duplex {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #beat: NodeJS.Timeout;
  #pending: Buffer[] = [];
  #behind: (() => void) | undefined;
  /** The client said that it sends no more. */
  #ended = false;

  constructor(socket: WebSocket, stream: Duplex, beatMs = usualBeatMs) {
    super({ readableHighWaterMark: highWater, writableHighWaterMark: highWater });
    this.#socket = socket;
    this.#stream = stream;
    this.#beat = this.#watch(beatMs);
    socket.on('message', (data, isBinary) => {
      if (isBinary && !this.#ended) {
        // Once destroyed it takes nothing, and is to be read on: the answer to the close stands behind.
        if (!this.push(data) && !this.destroyed) socket.pause();
      } else if (String(data) === eofMessage) {
        this.#ended = true;
        this.push(null);
      } else this.fail('The session got a message that it does not know. Update your Berth client.');
    });
    socket.once('close', () => this.#leave());
    socket.on('error', () => socket.terminate());
  }

  /** Ends the session with a sentence for the person. */
  fail(reason: string): void {
    this.#socket.close(1011, closeReason(reason));
    this.destroy();
  }

  /** The client is gone. Who said before that it had sent all has that read out, however late. */
  #leave(): void {
    if (this.#ended && !this.readableEnded) this.once('end', () => this.destroy());
    else this.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** What is written in one go leaves as one message: ssh2 writes a packet in three pieces. */
  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pending.push(bytes);
    if (this.#pending.length === 1) process.nextTick(() => this.#flush());
    if (this.#socket.bufferedAmount < highWater) done();
    else this.#behind = done;
  }

  override _final(done: () => void): void {
    this.#flush();
    this.#socket.send(eofMessage, () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#beat);
    this.#flush();
    this.#socket.close(1000);
    // Nobody reads any more, and the other side's answer to the close would wait behind what it sent.
    this.#socket.resume();
    done(error);
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const pieces = this.#pending;
    this.#pending = [];
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#stream.cork();
    this.#stream.write(frameHead(pieces.reduce((sum, { length }) => sum + length, 0)));
    const last = pieces.pop() as Buffer;
    for (const piece of pieces) this.#stream.write(piece);
    this.#stream.write(last, () => this.#caughtUp());
    this.#stream.uncork();
  }

  #caughtUp(): void {
    if (this.#behind === undefined || this.#socket.bufferedAmount > lowWater) return;
    const done = this.#behind;
    this.#behind = undefined;
    done();
  }

  #watch(beatMs: number): NodeJS.Timeout {
    let missed = 0;
    this.#socket.on('pong', () => {
      missed = 0;
    });
    return setInterval(() => {
      missed += 1;
      if (missed <= 2) this.#socket.ping();
      else if (this.#socket.readyState === WebSocket.CLOSED) this.destroy();
      else this.#socket.terminate();
    }, beatMs);
  }
}
