import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Link } from './links.ts';

/** Idle connections go before the app would drop them (2 s and more), so that no request meets one that is closing. */
const idleMs = 1_500;

/** Makes `http` speak through a link: its connections are CONNECT streams to one authority, kept alive between requests. */
export class TunnelAgent extends Agent {
  readonly #link: Link;
  readonly #authority: string;

  constructor(link: Link, authority: string) {
    super({ keepAlive: true, timeout: idleMs, maxSockets: 256, maxFreeSockets: 32 });
    this.#link = link;
    this.#authority = authority;
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
export class StreamAgent extends Agent {
  readonly #stream: Duplex;

  constructor(stream: Duplex) {
    super();
    this.#stream = stream;
  }

  override createConnection(): Duplex {
    return this.#stream;
  }
}
