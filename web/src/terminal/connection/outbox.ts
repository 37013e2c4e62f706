import { stdinFrames } from './frames.ts';

/** Beyond this buffered amount, frames wait here, where we know what was not sent if the connection is lost. */
const highWater = 256 * 1024;
/** There is no event for a drained WebSocket buffer; polling at this interval allows 10 MB/s. */
const pollMs = 25;

type Socket = Pick<WebSocket, 'bufferedAmount' | 'send'>;

/** Sends input in order and in small frames, no faster than the network takes it. */
export class Outbox {
  readonly #frames: Uint8Array<ArrayBuffer>[] = [];
  readonly #socket: Socket;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(text: string): void {
    for (const frame of stdinFrames(text)) this.#frames.push(frame);
    this.#next();
  }

  /** Drops unsent frames; returns whether there were any. */
  close(): boolean {
    clearTimeout(this.#timer);
    return this.#frames.splice(0).length > 0;
  }

  #next(): void {
    clearTimeout(this.#timer);
    while (this.#frames.length > 0 && this.#socket.bufferedAmount < highWater) {
      this.#socket.send(this.#frames.shift() as Uint8Array<ArrayBuffer>);
    }
    if (this.#frames.length > 0) this.#timer = setTimeout(() => this.#next(), pollMs);
  }
}
