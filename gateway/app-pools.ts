import type { Link } from './links.ts';
import { TunnelAgent } from './tunnel-agent.ts';

/**
 * Connections to apps, kept between requests. Nobody shares one with another person: an app that leaves a body unread
 * takes it for the next request, and its answer would go to whoever asked next.
 */
export class AppPools {
  /** They go with the link. */
  readonly #pools = new WeakMap<Link, Map<string, TunnelAgent>>();

  /** `person` is the key of their access. */
  of(link: Link, authority: string, person: string): TunnelAgent {
    const pools = this.#pools.get(link) ?? new Map<string, TunnelAgent>();
    this.#pools.set(link, pools);
    const key = `${authority} ${person}`;
    const pool = pools.get(key) ?? new TunnelAgent(link, authority);
    pools.set(key, pool);
    return pool;
  }
}
