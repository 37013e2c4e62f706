import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Link } from './links.ts';

/** Idle connections go before the app would drop them (2 s and more), so that no request meets one that is closing. */
const idleMs = 1_500;

/** More requests at once than so many wait for each other. */
const mostConnections = 256;

/** Makes `http` speak through a link: its connections are CONNECT streams to one authority, kept alive between requests. */
export class LinkHttpAgent extends Agent {
  readonly #link: Link;
  readonly #authority: string;
  /** Of each connection that waited once; a timer that runs out while its connection works does nothing. */
  readonly #idle = new WeakMap<Duplex, { timer: NodeJS.Timeout; isFree: boolean }>();

  constructor(link: Link, authority: string) {
    super({ keepAlive: true, maxSockets: mostConnections, maxFreeSockets: mostConnections });
    this.#link = link;
    this.#authority = authority;
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
    const timer = setTimeout(() => idle.isFree && stream.destroy(), idleMs).unref();
    const idle = { timer, isFree: true };
    this.#idle.set(stream, idle);
    stream.once('close', () => clearTimeout(timer));
    return idle;
  }

  override createConnection(_options: object, done?: (error: Error | null, stream: Duplex) => void): undefined {
    this.#link.connect(this.#authority).then(
      (stream) => {
        // As sockets do of themselves: one whose app has hung up would wait among the free ones for a request, which
        // nobody would answer.
        stream.once('end', () => stream.destroy());
        done?.(null, stream);
      },
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
  }
}

/** Makes `http` speak on one stream that is open already. */
export class StreamHttpAgent extends Agent {
  readonly #stream: Duplex;

  constructor(stream: Duplex) {
    super();
    this.#stream = stream;
  }

  override createConnection(): Duplex {
    return this.#stream;
  }
}
