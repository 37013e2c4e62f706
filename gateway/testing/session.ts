import { expect } from 'vitest';
import type { WebSocket } from 'ws';
import { channel, type SessionReply, type SessionRequest, sessionPath } from '../../contracts/sessions/session.ts';
import { type Berth, open } from './harness.ts';

export type Start = Omit<SessionRequest & { type: 'start' }, 'type'>;

/** A session as a client sees it. */
export class Session {
  readonly socket: WebSocket;
  readonly replies: SessionReply[] = [];
  readonly #bytes: Buffer[][] = [[], [], []];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#bytes[data[0] ?? 0]?.push(data.subarray(1));
      else this.replies.push(JSON.parse(data.toString()));
    });
  }

  send(request: SessionRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  type(text: string | Buffer): void {
    this.socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from(text)]));
  }

  bytes(on: keyof typeof channel = 'stdout'): Buffer {
    return Buffer.concat(this.#bytes[channel[on]] ?? []);
  }

  text(on: keyof typeof channel = 'stdout'): string {
    return this.bytes(on).toString();
  }

  get pid(): number | undefined {
    return this.replies.find((reply) => reply.type === 'started')?.pid;
  }

  exit(timeout = 30_000) {
    return expect.poll(() => this.replies.find(({ type }) => type === 'exit'), { timeout });
  }
}

/** A started session of ada's. */
export const givenSessionOf = async (
  berth: Berth,
  workspace: string,
  kind: 'terminal' | 'exec',
  start: Start = {},
): Promise<Session> => {
  const headers = { authorization: 'Bearer token-of-ada' };
  const opened = await open(berth, berth.domain, sessionPath(workspace, kind), headers);
  if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.body}`);
  const session = new Session(opened.socket);
  session.send({ type: 'start', ...start });
  return session;
};
