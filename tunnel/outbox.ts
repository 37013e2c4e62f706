import type { WebSocket } from 'ws';
import { messageBytes } from './frames.ts';
import { sendTogether } from './message-buffers.ts';

/** A stream that has bytes to send and credit for them. */
export interface Source {
  readonly isReady: boolean;
  /** Puts frames of at most about `most` bytes behind the others. */
  putFrames(frames: Buffer[], most: number): void;
}

/** More than this waiting in this process, and streams wait instead, where each waits for itself alone. */
const enoughWaiting = 128 * 1024;
/**
 * An end that sends and never reads has more and more to be told. One that is only slow comes nowhere near: it has to read
 * to be allowed to send.
 */
const mostUrgent = 20_000;
/** The least a stream is given its turn for, unless it has less. */
const leastTurn = 8 * 1024;

/**
 * Everything that goes out on a tunnel. What comes up within one turn of the event loop goes out as one message, as far as
 * it fits; streams take turns, so that one with a lot to send delays no other for longer than a few messages take.
 */
export class Outbox {
  readonly #socket: WebSocket;
  /** Frames that wait for no credit: few and short. */
  #urgent: Buffer[] = [];
  /** In the order of their turns. */
  readonly #ready = new Set<Source>();
  #isScheduled = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  urgent(frame: Buffer): void {
    this.#urgent.push(frame);
    if (this.#urgent.length > mostUrgent) this.#socket.terminate();
    else this.#schedule();
  }

  ready(source: Source): void {
    this.#ready.add(source);
    this.#schedule();
  }

  remove(source: Source): void {
    this.#ready.delete(source);
  }

  get #isIdle(): boolean {
    return this.#urgent.length === 0 && this.#ready.size === 0;
  }

  get #isFull(): boolean {
    return this.#socket.bufferedAmount >= enoughWaiting;
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
      sendTogether(this.#message(), this.#send, this.#sent);
    }
  };

  /** There is room again. An error of the socket closes it, which ends the tunnel. */
  readonly #sent = (): void => {
    if (!this.#isIdle) this.#schedule();
  };

  readonly #send = (message: Buffer, sent: () => void): void => this.#socket.send(message, sent);

  /** The parts of the next message. */
  #message(): Buffer[] {
    const frames = this.#urgent;
    this.#urgent = [];
    let room = messageBytes;
    while (room > 0 && this.#ready.size > 0) room -= this.#turn(frames, room);
    return frames;
  }

  /** One stream's turn: a fair part of the room. Answers how much it took. */
  #turn(frames: Buffer[], room: number): number {
    const [source] = this.#ready as Iterable<Source>;
    if (source === undefined) return room;
    const before = frames.length;
    this.#ready.delete(source);
    source.putFrames(frames, Math.min(room, Math.max(leastTurn, Math.ceil(room / (this.#ready.size + 1)))));
    if (source.isReady) this.#ready.add(source);
    let took = 0;
    for (let at = before; at < frames.length; at++) took += frames[at]?.length ?? 0;
    return took;
  }
}
