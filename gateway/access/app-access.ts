import { type AppHost, appLabel } from '../../contracts/values/names.ts';
import type { GatewayRules, Opened } from '../../core/gateway.ts';
import { accessMaxAgeMs } from './revocations.ts';

interface CachedDecision<T> {
  decision: Promise<T>;
  until: number;
}

/** Caches access decisions for less than the second within which a revocation must take effect. */
class DecisionCache<T> {
  /** In the order of their expiry, since all are cached equally long. */
  readonly #cached = new Map<string, CachedDecision<T>>();
  readonly #mayCache: (decision: T) => boolean;

  /** Refusals are not cached, nor decisions that `mayCache` rejects: they may be different a moment later. */
  constructor(mayCache: (decision: T) => boolean) {
    this.#mayCache = mayCache;
  }

  /** Concurrent callers with the same key share one decision. */
  get(key: string, decide: () => Promise<T>): Promise<T> {
    this.#evictExpired();
    return (this.#cached.get(key) ?? this.#add(key, decide)).decision;
  }

  get count(): number {
    this.#evictExpired();
    return this.#cached.size;
  }

  clear(): void {
    this.#cached.clear();
  }

  #add(key: string, decide: () => Promise<T>): CachedDecision<T> {
    const cached = { decision: decide(), until: Date.now() + accessMaxAgeMs };
    this.#cached.set(key, cached);
    const evict = () => {
      if (this.#cached.get(key) === cached) this.#cached.delete(key);
    };
    cached.decision.then((decision) => {
      if (!this.#mayCache(decision)) evict();
    }, evict);
    return cached;
  }

  #evictExpired(): void {
    const now = Date.now();
    for (const [key, { until }] of this.#cached) {
      if (until > now) return;
      this.#cached.delete(key);
    }
  }
}

/**
 * Access to apps. While it is granted and the workspace runs, it is checked at most once in 900 ms for each session and
 * app, so a page that makes a hundred requests at once costs one check.
 */
export class AppAccess {
  readonly #rules: Pick<GatewayRules, 'openApp' | 'mayRequestAcross'>;
  readonly #opened = new DecisionCache<Opened>(({ destination }) => destination.status === 'running');
  readonly #across = new DecisionCache<boolean>((may) => may);

  constructor(rules: Pick<GatewayRules, 'openApp' | 'mayRequestAcross'>) {
    this.#rules = rules;
  }

  /** What the holder of a session may open at a host. Throws the refusal. */
  open(session: string | undefined, host: AppHost): Promise<Opened> {
    if (session === undefined) return this.#rules.openApp(session, host);
    return this.#opened.get(`${appLabel(host)} ${session}`, () => this.#rules.openApp(session, host));
  }

  /** Whether pages of one app or port of a workspace may send requests to another one. */
  mayRequestAcross(workspaceId: string, from: string, to: string): Promise<boolean> {
    const decide = () => this.#rules.mayRequestAcross(workspaceId, from, to);
    return this.#across.get(`${workspaceId} ${from} ${to}`, decide);
  }

  /** How many decisions are cached. While there are any, revocations must be polled. */
  get count(): number {
    return this.#opened.count + this.#across.count;
  }

  /** A permission was revoked: drop every cached decision. */
  clear(): void {
    this.#opened.clear();
    this.#across.clear();
  }
}
