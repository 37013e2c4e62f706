import { LinkHttpAgent } from './http-agents.ts';
import type { Link } from './links.ts';

/**
 * Connections to apps, kept between requests. Nobody shares one with another person: an app that leaves a body unread
 * takes it for the next request, and its answer would go to whoever asked next.
 */
export class AppPools {
  /** They go with the link. */
  readonly #pools = new WeakMap<Link, Map<string, LinkHttpAgent>>();

  /** `person` is the key of their access. */
  of(link: Link, authority: string, person: string): LinkHttpAgent {
    const pools = this.#pools.get(link) ?? new Map<string, LinkHttpAgent>();
    this.#pools.set(link, pools);
    const key = `${authority} ${person}`;
    const pool = pools.get(key) ?? new LinkHttpAgent(link, authority);
    pools.set(key, pool);
    return pool;
  }
}
