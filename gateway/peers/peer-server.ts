import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import type { Log } from '../../base/log.ts';
import { BerthError } from '../../core/errors.ts';
import type { PeerRequest, ReplicaRules } from '../../core/gateway.ts';
import { AgentUnresponsive } from '../agents/agent-link.ts';
import type { Agents } from '../agents/agents.ts';
import { readPeerRequest, reasonHeaders, releaseAuthority, unresponsiveStatus } from './peer-headers.ts';

const streamWindow = 1024 * 1024;
const connectionWindow = 8 * 1024 * 1024;
/** Longer than a peer keeps an idle connection, so that the peer closes it first. */
const idleTimeoutMs = 120_000;

interface Options {
  rules: ReplicaRules;
  /** This replica's id. */
  self: string;
  agents: Agents;
  log: Log;
}

const respond = (stream: ServerHttp2Stream, status: number, headers = {}): void => {
  if (stream.destroyed) return;
  stream.respond({ ':status': status, ...headers }, { endStream: true });
};

/** Connects a peer's stream with one to the agent. Each is closed when the other breaks off. */
const join = async (stream: ServerHttp2Stream, request: PeerRequest, agents: Agents) => {
  const tunnel = agents.tunnelOf(request);
  if (tunnel === undefined) return respond(stream, 404);
  const agentStream = await tunnel.connect(request.authority);
  if (stream.destroyed) return void agentStream.destroy();
  stream.respond({ ':status': 200 });
  // The other end learns of an error by the end of its stream.
  const ignoreError = () => undefined;
  pipeline(stream, agentStream, ignoreError);
  pipeline(agentStream, stream, ignoreError);
};

/** Opens streams to the agents that are connected here for other replicas. */
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
      session.setTimeout(idleTimeoutMs, () => session.close());
      session.on('error', () => session.destroy());
      session.once('close', () => this.#sessions.delete(session));
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => stream.destroy());
      this.#handle(stream, headers).catch((thrown: unknown) => this.#refuse(stream, thrown));
    });
  }

  /** The number of streams that peers have open. */
  get count(): number {
    return this.#streams.size;
  }

  /** Resolves with the port. */
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

  async #handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const { agents, rules, self } = this.#options;
    const request = readPeerRequest(headers, self, rules);
    if (request === undefined) return respond(stream, 401);
    const { workspaceId, authority } = request;
    if (headers[':method'] === 'DELETE') {
      const connection = authority.slice(releaseAuthority('').length);
      if (authority === releaseAuthority(connection)) agents.release(workspaceId, connection);
      return respond(stream, 204);
    }
    if (headers[':method'] !== 'CONNECT') return respond(stream, 405);
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    await join(stream, request, agents);
  }

  #refuse(stream: ServerHttp2Stream, thrown: unknown): void {
    if (thrown instanceof AgentUnresponsive) respond(stream, unresponsiveStatus, reasonHeaders(thrown.message));
    else if (thrown instanceof BerthError) respond(stream, 502, reasonHeaders(thrown.message));
    else {
      this.#options.log('warn', 'a request of another replica failed', { error: thrown });
      respond(stream, 500);
    }
  }
}
