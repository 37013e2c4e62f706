import type { WebSocket } from 'ws';
import type { SessionReply, SessionRequest } from '../contracts/session.ts';
import { channel } from '../contracts/wire.ts';

/** More than this waiting to be sent, and the source is paused. */
export const highWater = 1024 * 1024;
export const lowWater = 256 * 1024;

/** Well below the ten minutes of silence after which CloudFront cuts a WebSocket. */
const usualBeatMs = 60_000;

export type ReadRequest = (text: string) => SessionRequest | undefined;

export interface SessionEvents {
  request(request: Exclude<SessionRequest, { type: 'start' }>): void;
  stdin(bytes: Buffer): void;
  /** The connection is gone. */
  closed(): void;
}

/** One person's end of a session: bytes per channel, requests and replies. */
export class SessionSocket {
  readonly #socket: WebSocket;
  readonly #beatMs: number;

  constructor(socket: WebSocket, beatMs = usualBeatMs) {
    this.#socket = socket;
    this.#beatMs = beatMs;
  }

  /** Waits for `start`, hands it to `begin`, and everything after it to what `begin` answered. */
  serve(read: ReadRequest, begin: (start: Extract<SessionRequest, { type: 'start' }>) => SessionEvents): void {
    let events: SessionEvents | undefined;
    const beat = setInterval(() => this.#socket.ping(), this.#beatMs);
    this.#socket.on('close', () => clearInterval(beat));
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', () => events?.closed());
    this.#socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary) {
        if (bytes[0] === channel.stdin) events?.stdin(bytes.subarray(1));
        return;
      }
      const request = read(bytes.toString('utf8'));
      if (request === undefined)
        this.fail('The session got a message that it does not know. Update your Berth client.');
      else if (request.type !== 'start') events?.request(request);
      else if (events === undefined) events = begin(request);
      else this.fail('The session was started already.');
    });
  }

  reply(reply: SessionReply): void {
    this.#socket.send(JSON.stringify(reply));
  }

  /** Sends bytes; `sent` is called when they left this process. */
  output(on: number, bytes: Buffer, sent?: () => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(on), bytes]), { binary: true }, () => sent?.());
  }

  /** Bytes that wait to be sent. */
  get waiting(): number {
    return this.#socket.bufferedAmount;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  exit(code: number, signal?: string): void {
    this.reply({ type: 'exit', code, ...(signal === undefined ? {} : { signal }) });
    this.#socket.close(1000);
  }

  /** Ends a session that could not be, or could no longer be, with a sentence. */
  fail(message: string): void {
    this.reply({ type: 'error', message });
    this.#socket.close(1011);
  }

  /** Cuts a connection that takes nothing any more. */
  terminate(): void {
    this.#socket.terminate();
  }
}
