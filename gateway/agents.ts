import { BerthError } from '../core/errors.ts';
import type { AgentSession, GatewayRules } from '../core/gateway.ts';
import { pumpEvents } from './event-pump.ts';
import type { Log } from './log.ts';
import { retry } from './retry.ts';
import type { Tunnel } from './tunnel.ts';

interface Connected {
  session: AgentSession;
  tunnel: Tunnel;
}

const isOver = (thrown: unknown): boolean => thrown instanceof BerthError && thrown.name === 'wrong_state';

/** The connected agents, one per workspace, and what is written down about them. */
export class Agents {
  readonly #rules: GatewayRules;
  readonly #log: Log;
  readonly #connected = new Map<string, Connected>();
  /** The last write of each workspace's connection, so that an older `false` never follows a newer `true`. */
  readonly #writes = new Map<string, Promise<void>>();

  readonly #serving = new Set<Promise<void>>();
  #closing = false;

  constructor(rules: GatewayRules, log: Log) {
    this.#rules = rules;
    this.#log = log;
  }

  get count(): number {
    return this.#connected.size;
  }

  all(): readonly Connected[] {
    return [...this.#connected.values()];
  }

  tunnel(workspaceId: string): Tunnel | undefined {
    return this.#connected.get(workspaceId)?.tunnel;
  }

  /** Drops a workspace's connection and everything open through it. An agent whose build goes on comes back. */
  disconnect(workspaceId: string): void {
    this.tunnel(workspaceId)?.close();
  }

  /** Serves an admitted agent until its connection ends. A second connection of a workspace replaces the first. */
  serve(session: AgentSession, tunnel: Tunnel): void {
    const serving = this.#serve(session, tunnel).catch((thrown: unknown) => {
      this.#log('error', 'agent not served', { workspaceId: session.workspaceId, reason: String(thrown) });
    });
    this.#serving.add(serving);
    void serving.then(() => this.#serving.delete(serving));
  }

  async #serve(session: AgentSession, tunnel: Tunnel): Promise<void> {
    if (this.#closing) return tunnel.close();
    const { workspaceId, buildId } = session;
    this.tunnel(workspaceId)?.close();
    this.#connected.set(workspaceId, { session, tunnel });
    this.#log('info', 'agent connected', { workspaceId, buildId });
    try {
      await Promise.race([tunnel.closed, this.#follow(session, tunnel)]);
    } catch (thrown) {
      if (!isOver(thrown)) this.#log('warn', 'agent cut off', { workspaceId, buildId, reason: String(thrown) });
    }
    tunnel.close();
    if (this.tunnel(workspaceId) !== tunnel) return;
    this.#connected.delete(workspaceId);
    this.#log('info', 'agent disconnected', { workspaceId, buildId });
    await this.#recordLoss(session);
  }

  /** A build that is over needs no such record; a new connection makes it untrue. */
  async #recordLoss(session: AgentSession): Promise<void> {
    const wanted = () => !this.#closing && this.tunnel(session.workspaceId) === undefined;
    try {
      await this.#recordConnection(session, false, wanted);
    } catch (thrown) {
      if (!isOver(thrown)) throw thrown;
    }
  }

  /** Closes all connections, takes no more, and resolves when that is written down. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { tunnel } of this.all()) tunnel.close();
    await Promise.all(this.#serving);
  }

  async #follow(session: AgentSession, tunnel: Tunnel): Promise<void> {
    const wanted = () => tunnel.isOpen;
    await this.#recordConnection(session, true, wanted);
    await tunnel.run(session.manifest);
    const stream = await tunnel.events(session.lastEvent);
    await pumpEvents(stream, session.lastEvent, (events) =>
      this.#insist('events', session, () => this.#rules.recordEvents(session, events), wanted),
    );
  }

  #recordConnection(session: AgentSession, connected: boolean, wanted: () => boolean): Promise<void> {
    const { workspaceId } = session;
    const before = this.#writes.get(workspaceId) ?? Promise.resolve();
    const write = before.then(() =>
      this.#insist('connection', session, () => this.#rules.recordConnection(session, connected), wanted),
    );
    // Kept as an end without an error: the next write waits for it, whoever made this one hears of the error.
    const end = write.then(
      () => undefined,
      () => undefined,
    );
    this.#writes.set(workspaceId, end);
    void end.then(() => {
      if (this.#writes.get(workspaceId) === end) this.#writes.delete(workspaceId);
    });
    return write;
  }

  /** Writes again and again while the write is wanted, unless the build is over. */
  #insist(what: string, { workspaceId, buildId }: AgentSession, write: () => Promise<void>, wanted: () => boolean) {
    return retry(write, (thrown) => {
      if (isOver(thrown)) return false;
      this.#log('warn', `recording ${what} failed`, { workspaceId, buildId, reason: String(thrown) });
      return wanted();
    });
  }
}
