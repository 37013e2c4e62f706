import type { WebSocket } from 'ws';
import { maxSentMessageBytes } from './frames.ts';
import { sendAsOneMessage } from './message-buffers.ts';

/** A stream that may have bytes to send. `isReady` says whether it has both bytes and credit for them. */
export interface DataSource {
  readonly isReady: boolean;
  /** Appends its frames to `frames`, about `maxBytes` at most. */
  takeTurn(frames: Buffer[], maxBytes: number): void;
}

/** Above this many bytes in the socket's buffer, data waits in its stream instead, where it delays no other stream. */
const socketHighWater = 128 * 1024;
/**
 * For a peer that sends and never reads, control frames pile up here, so at this many it is disconnected. A slow peer
 * does not come close: it must read credit before it may send more.
 */
const maxControlFrames = 20_000;
/** The smallest share of a message that a stream is offered. */
const minTurnBytes = 8 * 1024;

/**
 * Sends the frames of a tunnel. Frames of one turn of the event loop are bundled into one message as far as they fit.
 * Streams take turns, so that a bulk transfer delays another stream only by a few messages.
 */
export class Outbox {
  readonly #socket: WebSocket;
  /** Frames that need no credit: few and short. */
  #control: Buffer[] = [];
  /** Streams that are ready to send, in the order of their turns. */
  readonly #turns = new Set<DataSource>();
  #isScheduled = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  sendControl(frame: Buffer): void {
    this.#control.push(frame);
    if (this.#control.length > maxControlFrames) this.#socket.terminate();
    else this.#schedule();
  }

  enqueue(source: DataSource): void {
    this.#turns.add(source);
    this.#schedule();
  }

  remove(source: DataSource): void {
    this.#turns.delete(source);
  }

  get #isIdle(): boolean {
    return this.#control.length === 0 && this.#turns.size === 0;
  }

  get #isFull(): boolean {
    return this.#socket.bufferedAmount >= socketHighWater;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isFull) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    while (!this.#isIdle && !this.#isFull) {
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      sendAsOneMessage(this.#nextMessage(), this.#send, this.#sent);
    }
  };

  /**
   * The socket's buffer has room again. A failed send needs no handling here: the socket closes, which ends the tunnel.
   */
  readonly #sent = (): void => {
    if (!this.#isIdle) this.#schedule();
  };

  readonly #send = (message: Buffer, sent: () => void): void => this.#socket.send(message, sent);

  /** The frames of the next message: all control frames, then data of one stream after the other. */
  #nextMessage(): Buffer[] {
    const frames = this.#control;
    this.#control = [];
    let room = maxSentMessageBytes;
    while (room > 0 && this.#turns.size > 0) room -= this.#giveTurn(frames, room);
    return frames;
  }

  /** Offers the next stream a fair share of `room`. Returns how many bytes it used. */
  #giveTurn(frames: Buffer[], room: number): number {
    const [source] = this.#turns as Iterable<DataSource>;
    if (source === undefined) return room;
    const before = frames.length;
    this.#turns.delete(source);
    source.takeTurn(frames, Math.min(room, Math.max(minTurnBytes, Math.ceil(room / (this.#turns.size + 1)))));
    if (source.isReady) this.#turns.add(source);
    let took = 0;
    for (let at = before; at < frames.length; at++) took += frames[at]?.length ?? 0;
    return took;
  }
}
