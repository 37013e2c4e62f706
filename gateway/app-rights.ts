import { type AppHost, appLabel } from '../contracts/names.ts';
import type { GatewayRules, Opened } from '../core/gateway.ts';
import { withinASecondMs } from './revocations.ts';

interface Kept {
  opened: Promise<Opened>;
  until: number;
}

/**
 * Rights to running apps, kept for less than the second in which a right that is taken away has to end: a page of a
 * hundred requests is one question, and an app under load one in a second.
 */
export class AppRights {
  readonly #rules: Pick<GatewayRules, 'openApp'>;
  /** The oldest first, as all are kept for the same time. */
  readonly #kept = new Map<string, Kept>();

  constructor(rules: Pick<GatewayRules, 'openApp'>) {
    this.#rules = rules;
  }

  /** What the holder of a session may use at a host; requests that come together ask together. Throws the refusal. */
  open(session: string | undefined, host: AppHost): Promise<Opened> {
    if (session === undefined) return this.#rules.openApp(session, host);
    const key = `${appLabel(host)} ${session}`;
    this.#forgetOld();
    const kept = this.#kept.get(key) ?? this.#ask(key, session, host);
    return kept.opened;
  }

  /** How many rights are kept now, by each of which something may be opened yet. */
  get count(): number {
    this.#forgetOld();
    return this.#kept.size;
  }

  /** Something was taken away of somebody: nothing that was read before counts any more. */
  forget(): void {
    this.#kept.clear();
  }

  #ask(key: string, session: string, host: AppHost): Kept {
    const kept = { opened: this.#rules.openApp(session, host), until: Date.now() + withinASecondMs };
    this.#kept.set(key, kept);
    const drop = () => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    };
    // What is refused, starts or stops may be otherwise a moment later.
    kept.opened.then(({ destination }) => {
      if (destination.status !== 'running') drop();
    }, drop);
    return kept;
  }

  #forgetOld(): void {
    const now = Date.now();
    for (const [key, { until }] of this.#kept) {
      if (until > now) return;
      this.#kept.delete(key);
    }
  }
}
