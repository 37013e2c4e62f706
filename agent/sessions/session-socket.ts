import type { WebSocket } from 'ws';
import { channel } from '../../contracts/agent/wire.ts';
import type { SessionReply, SessionRequest } from '../../contracts/sessions/session.ts';

/** Above this many bytes waiting to be sent the source is paused; below `lowWater` it is resumed. */
export const highWater = 1024 * 1024;
export const lowWater = 256 * 1024;

/** Well below the ten minutes of silence after which CloudFront cuts a WebSocket. */
const defaultHeartbeatMs = 60_000;

export type ParseRequest = (text: string) => SessionRequest | undefined;

export interface SessionEvents {
  request(request: Exclude<SessionRequest, { type: 'start' }>): void;
  stdin(bytes: Buffer): void;
  /** The connection was closed. */
  closed(): void;
}

/** A client's connection to a session (contracts/sessions/session.ts): bytes on channels, requests and replies. */
export class SessionSocket {
  readonly #socket: WebSocket;
  readonly #heartbeatMs: number;

  constructor(socket: WebSocket, heartbeatMs = defaultHeartbeatMs) {
    this.#socket = socket;
    this.#heartbeatMs = heartbeatMs;
  }

  /** Waits for `start` and passes it to `begin`. Everything after it goes to the handlers that `begin` returned. */
  serve(read: ParseRequest, begin: (start: Extract<SessionRequest, { type: 'start' }>) => SessionEvents): void {
    let events: SessionEvents | undefined;
    const heartbeat = setInterval(() => this.#socket.ping(), this.#heartbeatMs);
    this.#socket.on('close', () => clearInterval(heartbeat));
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', () => events?.closed());
    this.#socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary) {
        if (bytes[0] === channel.stdin) events?.stdin(bytes.subarray(1));
        return;
      }
      const request = read(bytes.toString('utf8'));
      if (request === undefined) this.fail('The session received an unknown message. Update your Berth client.');
      else if (request.type !== 'start') events?.request(request);
      else if (events === undefined) events = begin(request);
      else this.fail('The session was already started.');
    });
  }

  reply(reply: SessionReply): void {
    this.#socket.send(JSON.stringify(reply));
  }

  /** Sends bytes on a channel. `sent` is called when they have left this process. */
  output(channelNumber: number, bytes: Buffer, sent?: () => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(channelNumber), bytes]), { binary: true }, () => sent?.());
  }

  get bufferedBytes(): number {
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

  /** Ends the session with an error message for the person. */
  fail(message: string): void {
    this.reply({ type: 'error', message });
    this.#socket.close(1011);
  }

  /** Drops the connection of a client that does not read. */
  terminate(): void {
    this.#socket.terminate();
  }
}
