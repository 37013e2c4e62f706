import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { BerthError } from '../core/errors.ts';
import type { PeerRequest, ReplicaRules } from '../core/gateway.ts';
import type { Agents } from './agents.ts';
import type { Log } from './log.ts';
import { readPeerRequest, reasonHeaders, releaseAuthority } from './peer-headers.ts';

const streamWindow = 1024 * 1024;
const connectionWindow = 8 * 1024 * 1024;
/** Longer than a peer keeps a connection that carries nothing. */
const idleMs = 120_000;

interface Options {
  rules: ReplicaRules;
  /** This replica's id. */
  self: string;
  agents: Agents;
  log: Log;
}

const answer = (stream: ServerHttp2Stream, status: number, headers = {}): void => {
  if (stream.destroyed) return;
  stream.respond({ ':status': status, ...headers }, { endStream: true });
};

/** Joins a peer's stream with the agent's; both end when one breaks off. */
const join = async (stream: ServerHttp2Stream, request: PeerRequest, agents: Agents) => {
  const tunnel = agents.tunnelOf(request);
  if (tunnel === undefined) return answer(stream, 404);
  const far = await tunnel.connect(request.authority);
  if (stream.destroyed) return void far.destroy();
  stream.respond({ ':status': 200 });
  // What breaks a stream off is told to its other end by the break itself.
  const ended = () => undefined;
  pipeline(stream, far, ended);
  pipeline(far, stream, ended);
};

/** Listens for other replicas, for whom it opens streams to the agents that are connected here. */
export class PeerServer {
  readonly #options: Options;
  readonly #server = createServer({
    settings: { initialWindowSize: streamWindow, maxConcurrentStreams: 1_000 },
    maxSessionMemory: 64,
  });
  readonly #streams = new Set<ServerHttp2Stream>();
  readonly #sessions = new Set<{ destroy(): void }>();

  constructor(options: Options) {
    this.#options = options;
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.setLocalWindowSize(connectionWindow);
      session.setTimeout(idleMs, () => session.close());
      session.on('error', () => session.destroy());
      session.once('close', () => this.#sessions.delete(session));
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => stream.destroy());
      this.#take(stream, headers).catch((thrown: unknown) => this.#refuse(stream, thrown));
    });
  }

  /** Streams that peers have open here. */
  get count(): number {
    return this.#streams.size;
  }

  /** Answers the port. */
  listen(port: number, host?: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): void {
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }

  async #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const { agents, rules, self } = this.#options;
    const request = readPeerRequest(headers, self, rules);
    if (request === undefined) return answer(stream, 401);
    const { workspaceId, authority } = request;
    if (headers[':method'] === 'DELETE') {
      const connection = authority.slice(releaseAuthority('').length);
      if (authority === releaseAuthority(connection)) agents.release(workspaceId, connection);
      return answer(stream, 204);
    }
    if (headers[':method'] !== 'CONNECT') return answer(stream, 405);
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    await join(stream, request, agents);
  }

  #refuse(stream: ServerHttp2Stream, thrown: unknown): void {
    if (thrown instanceof BerthError) answer(stream, 502, reasonHeaders(thrown.message));
    else {
      this.#options.log('warn', 'a peer could not be served', { reason: String(thrown) });
      answer(stream, 500);
    }
  }
}
