import { BerthError } from '../../core/errors.ts';
import type { AccessGrant } from '../../core/gateway.ts';
import type { CloseCode } from '../http/close-frame.ts';

/** Errors that close a connection. After any other error, such as an outage of the table, it stays open. */
const refusals = new Set(['unauthenticated', 'not_found', 'forbidden', 'wrong_state']);

/** Closes one connection, with a reason for people and a status code of WebSocket's. */
type CloseConnection = (reason: string, code: CloseCode) => void;

/** A grant, and all connections that rest on it. */
interface Entry {
  grant: AccessGrant;
  connections: Set<CloseConnection>;
  timer: NodeJS.Timeout;
}

const hasExpired = ({ until }: AccessGrant): boolean => until !== undefined && until.getTime() <= Date.now();

/**
 * The connections that people have open. Each is closed when its access grant is no longer valid. Connections with
 * the same grant share its check, which is repeated at an interval, and immediately after a revocation.
 */
export class OpenConnections {
  readonly #recheckEveryMs: number;
  readonly #byKey = new Map<string, Entry>();

  constructor(recheckEveryMs: number) {
    this.#recheckEveryMs = recheckEveryMs;
  }

  get count(): number {
    return [...this.#byKey.values()].reduce((sum, { connections }) => sum + connections.size, 0);
  }

  /** Watches a connection. Call the returned function when it has closed. */
  add(grant: AccessGrant, close: CloseConnection): () => void {
    const key = `${grant.key}/${grant.until?.getTime() ?? ''}`;
    const entry = this.#byKey.get(key) ?? this.#addEntry(key, grant);
    entry.connections.add(close);
    return () => this.#remove(key, entry, close);
  }

  /** Checks every grant that concerns one of these people or workspaces. */
  recheck(subjects: ReadonlySet<string>): void {
    for (const [key, { grant }] of [...this.#byKey]) {
      if (grant.subjects.some((subject) => subjects.has(subject))) void this.#check(key);
    }
  }

  /** Closes all connections because this gateway ends. */
  closeAll(): void {
    const reason = 'The gateway is restarting. Connect again.';
    for (const { connections } of [...this.#byKey.values()]) {
      for (const close of [...connections]) close(reason, 1012);
    }
  }

  #addEntry(key: string, grant: AccessGrant): Entry {
    const timer = setTimeout(() => this.#check(key), this.#recheckEveryMs);
    timer.unref();
    const entry: Entry = { grant, connections: new Set(), timer };
    this.#byKey.set(key, entry);
    return entry;
  }

  async #check(key: string): Promise<void> {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    const refusal = await this.#refusal(entry.grant);
    if (refusal !== undefined) for (const close of [...entry.connections]) close(refusal, 1008);
    if (this.#byKey.get(key) === entry) entry.timer.refresh();
  }

  async #refusal(grant: AccessGrant): Promise<string | undefined> {
    if (hasExpired(grant)) return 'The sign-in has expired. Open it again from the portal.';
    try {
      await grant.recheck();
      return undefined;
    } catch (thrown) {
      return thrown instanceof BerthError && refusals.has(thrown.name) ? thrown.message : undefined;
    }
  }

  #remove(key: string, entry: Entry, close: CloseConnection): void {
    entry.connections.delete(close);
    if (entry.connections.size > 0 || this.#byKey.get(key) !== entry) return;
    clearTimeout(entry.timer);
    this.#byKey.delete(key);
  }
}
