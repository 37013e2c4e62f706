import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { eofMessage } from '../contracts/wire.ts';
import { highWater, lowWater } from './session-socket.ts';

/** A client that answers neither of two beats is gone, and its network said nothing. */
const usualBeatMs = 30_000;

/** A close frame carries 123 bytes of reason at the most. */
const longestReason = 123;

/** The bytes of a session of the kind `ssh` or `port` (contracts/session.ts), as a stream whose directions end apart. */
export class ByteSession extends Duplex {
  readonly #socket: WebSocket;
  readonly #beat: NodeJS.Timeout;
  #pending: Buffer[] = [];
  #behind: (() => void) | undefined;

  constructor(socket: WebSocket, beatMs = usualBeatMs) {
    super({ readableHighWaterMark: highWater, writableHighWaterMark: highWater });
    this.#socket = socket;
    this.#beat = this.#watch(beatMs);
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        if (!this.push(data)) socket.pause();
      } else if (String(data) === eofMessage) this.push(null);
      else this.fail('The session got a message that it does not know. Update your Berth client.');
    });
    socket.once('close', () => this.destroy());
    socket.on('error', () => socket.terminate());
  }

  /** Ends the session with a sentence for the person. */
  fail(reason: string): void {
    this.#socket.close(1011, Buffer.from(reason.replace(/[^\x20-\x7e]/g, '?')).subarray(0, longestReason));
    this.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** What is written in one go leaves as one message: an SSH packet is written in three pieces. */
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
    const [first, ...more] = this.#pending;
    if (first === undefined) return;
    this.#pending = [];
    this.#socket.send(more.length === 0 ? first : Buffer.concat([first, ...more]), { binary: true }, () => {
      if (this.#behind === undefined || this.#socket.bufferedAmount > lowWater) return;
      const done = this.#behind;
      this.#behind = undefined;
      done();
    });
  }

  #watch(beatMs: number): NodeJS.Timeout {
    let missed = 0;
    this.#socket.on('pong', () => {
      missed = 0;
    });
    return setInterval(() => {
      missed += 1;
      if (missed > 2) this.#socket.terminate();
      else this.#socket.ping();
    }, beatMs);
  }
}
