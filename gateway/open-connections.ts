import { BerthError } from '../core/errors.ts';
import type { Access } from '../core/gateway.ts';
import type { CloseCode } from './close-frame.ts';

/** What ends a connection. Anything else (the table is away) leaves open what is open. */
const refusals = new Set(['unauthenticated', 'not_found', 'forbidden', 'wrong_state']);

/** Ends one connection; the reason is a sentence for a person, the code is WebSocket's. */
export type End = (reason: string, code: CloseCode) => void;

interface Sharing {
  access: Access;
  ends: Set<End>;
  timer: NodeJS.Timeout;
}

const isOver = ({ until }: Access): boolean => until !== undefined && until.getTime() <= Date.now();

/**
 * The connections that people have open, each of which ends when its right does. Those that share a right share the
 * question, which is asked of itself every so often, and at once about whom something was taken away.
 */
export class OpenConnections {
  readonly #everyMs: number;
  readonly #byKey = new Map<string, Sharing>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  get count(): number {
    return [...this.#byKey.values()].reduce((sum, { ends }) => sum + ends.size, 0);
  }

  /** Watches over a connection until the answered function is called. */
  add(access: Access, end: End): () => void {
    const key = `${access.key}/${access.until?.getTime() ?? ''}`;
    const sharing = this.#byKey.get(key) ?? this.#begin(key, access);
    sharing.ends.add(end);
    return () => this.#remove(key, sharing, end);
  }

  /** Asks now about everything that concerns one of these people and workspaces. */
  askAbout(subjects: ReadonlySet<string>): void {
    for (const [key, { access }] of [...this.#byKey]) {
      if (access.subjects.some((subject) => subjects.has(subject))) void this.#ask(key);
    }
  }

  /** Ends everything that is open because this gateway ends. */
  endAll(): void {
    const reason = 'The gateway restarts. Connect again.';
    for (const { ends } of [...this.#byKey.values()]) for (const end of [...ends]) end(reason, 1012);
  }

  #begin(key: string, access: Access): Sharing {
    const sharing: Sharing = { access, ends: new Set(), timer: setTimeout(() => this.#ask(key), this.#everyMs) };
    sharing.timer.unref();
    this.#byKey.set(key, sharing);
    return sharing;
  }

  async #ask(key: string): Promise<void> {
    const sharing = this.#byKey.get(key);
    if (sharing === undefined) return;
    const refusal = await this.#refusal(sharing.access);
    if (refusal !== undefined) for (const end of [...sharing.ends]) end(refusal, 1008);
    if (this.#byKey.get(key) === sharing) sharing.timer.refresh();
  }

  async #refusal(access: Access): Promise<string | undefined> {
    if (isOver(access)) return 'The sign-in is over. Open it again from the portal.';
    try {
      await access.stillAllowed();
      return undefined;
    } catch (thrown) {
      return thrown instanceof BerthError && refusals.has(thrown.name) ? thrown.message : undefined;
    }
  }

  #remove(key: string, sharing: Sharing, end: End): void {
    sharing.ends.delete(end);
    if (sharing.ends.size > 0 || this.#byKey.get(key) !== sharing) return;
    clearTimeout(sharing.timer);
    this.#byKey.delete(key);
  }
}
