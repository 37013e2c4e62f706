import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AgentLink } from '../agents/agent-link.ts';

/** Below the 2 s and more after which apps close idle connections, so that requests rarely meet one that is closing. */
const idleTimeoutMs = 1_500;

/** Requests to one app at a time; more wait until one of these has its response. */
const maxConnections = 256;

/**
 * Lets `node:http` send requests to one app: its connections are CONNECT streams of a link, kept alive between
 * requests.
 */
export class AppHttpAgent extends Agent {
  readonly #link: AgentLink;
  readonly #authority: string;
  /** One timer for each connection, which has no effect if it fires while a request uses the connection. */
  readonly #idle = new WeakMap<Duplex, { timer: NodeJS.Timeout; isFree: boolean }>();

  constructor(link: AgentLink, authority: string) {
    super({ keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections });
    this.#link = link;
    this.#authority = authority;
  }

  /** An HTTP agent for the same app that shares no connection with this one. */
  withoutConnections(): AppHttpAgent {
    return new AppHttpAgent(this.#link, this.#authority);
  }

  override keepSocketAlive(stream: Duplex): boolean {
    const idle = this.#idle.get(stream) ?? this.#watch(stream);
    idle.isFree = true;
    idle.timer.refresh();
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    const idle = this.#idle.get(stream);
    if (idle !== undefined) idle.isFree = false;
    super.reuseSocket(stream, request);
  }

  #watch(stream: Duplex) {
    const timer = setTimeout(() => idle.isFree && stream.destroy(), idleTimeoutMs).unref();
    const idle = { timer, isFree: true };
    this.#idle.set(stream, idle);
    stream.once('close', () => clearTimeout(timer));
    return idle;
  }

  override createConnection(_options: object, done?: (error: Error | null, stream: Duplex) => void): undefined {
    this.#link.connect(this.#authority).then(
      (stream) => {
        // A net.Socket does this by itself. Otherwise a connection that the app has ended would stay in the pool, and
        // the next request on it would never get a response.
        stream.once('end', () => stream.destroy());
        done?.(null, stream);
      },
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
  }
}

/**
 * Pools of connections to apps, one for each person and app. People never share a connection: an app that does not read
 * the body of a request would take it for the next request, and the next person would get the response.
 */
export class ConnectionPools {
  /** Pools last as long as their link. */
  readonly #pools = new WeakMap<AgentLink, Map<string, AppHttpAgent>>();

  /** `person` is the key of their access grant. */
  get(link: AgentLink, authority: string, person: string): AppHttpAgent {
    const pools = this.#pools.get(link) ?? new Map<string, AppHttpAgent>();
    this.#pools.set(link, pools);
    const key = `${authority} ${person}`;
    const pool = pools.get(key) ?? new AppHttpAgent(link, authority);
    pools.set(key, pool);
    return pool;
  }
}
