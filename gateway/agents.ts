import { randomUUID } from 'node:crypto';
import { BerthError } from '../core/errors.ts';
import type { AgentSession, GatewayRules, Place } from '../core/gateway.ts';
import { pumpEvents } from './event-pump.ts';
import type { Log } from './log.ts';
import { retry } from './retry.ts';
import type { Tunnel } from './tunnel.ts';

export interface Connected {
  session: AgentSession;
  tunnel: Tunnel;
  /** This very connection, so that nothing about another one of the agent is taken for it. */
  connection: string;
}

interface Options {
  rules: GatewayRules;
  log: Log;
  /** This replica's id, by which others find the agents that are connected here; left out where there are no others. */
  replica?: string | undefined;
  /** An agent came here from another replica. */
  moved?: (workspaceId: string, from: Place) => Promise<void>;
}

const isOver = (thrown: unknown): boolean => thrown instanceof BerthError && thrown.name === 'wrong_state';

/** The connected agents, one per workspace, and what is written down about them. */
export class Agents {
  readonly #options: Options;
  readonly #rules: GatewayRules;
  readonly #log: Log;
  readonly #connected = new Map<string, Connected>();
  /** The last write of each workspace's connection, so that an older `false` never follows a newer `true`. */
  readonly #writes = new Map<string, Promise<void>>();

  readonly #serving = new Set<Promise<void>>();
  #draining = false;
  #closing = false;

  constructor(options: Options) {
    this.#options = options;
    this.#rules = options.rules;
    this.#log = options.log;
  }

  all(): readonly Connected[] {
    return [...this.#connected.values()];
  }

  tunnel(workspaceId: string): Tunnel | undefined {
    return this.#connected.get(workspaceId)?.tunnel;
  }

  /** The connection, if it is of that build's agent. */
  tunnelOf({ workspaceId, buildId }: Pick<AgentSession, 'workspaceId' | 'buildId'>): Tunnel | undefined {
    const connected = this.#connected.get(workspaceId);
    return connected?.session.buildId === buildId ? connected.tunnel : undefined;
  }

  /** Drops a workspace's connection and everything open through it. An agent whose build goes on comes back. */
  disconnect(workspaceId: string): void {
    this.tunnel(workspaceId)?.close();
  }

  /** The agent left this connection for another replica. When that was asked for, what is open here may still end by itself. */
  release(workspaceId: string, connection: string): void {
    const connected = this.#connected.get(workspaceId);
    if (connected?.connection === connection && !this.#draining) connected.tunnel.close();
  }

  /** Asks all agents to connect elsewhere; their connections here stay for what is open through them. */
  sendElsewhere(): void {
    this.#draining = true;
    for (const { tunnel } of this.all()) tunnel.sendElsewhere();
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
    if (this.#closing || this.#draining) return tunnel.close();
    const { workspaceId, buildId } = session;
    const connected = { session, tunnel, connection: randomUUID() };
    this.tunnel(workspaceId)?.close();
    this.#connected.set(workspaceId, connected);
    this.#log('info', 'agent connected', { workspaceId, buildId });
    try {
      await Promise.race([tunnel.closed, this.#follow(connected)]);
    } catch (thrown) {
      if (!isOver(thrown)) this.#log('warn', 'agent cut off', { workspaceId, buildId, reason: String(thrown) });
    }
    tunnel.close();
    if (this.tunnel(workspaceId) !== tunnel) return;
    this.#connected.delete(workspaceId);
    this.#log('info', 'agent disconnected', { workspaceId, buildId });
    await this.#recordLoss(connected);
  }

  /** A build that is over needs no such record; a new connection makes it untrue. */
  async #recordLoss(connected: Connected): Promise<void> {
    const wanted = () => !this.#closing && this.tunnel(connected.session.workspaceId) === undefined;
    try {
      await this.#recordConnection(connected, false, wanted);
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

  async #follow(connected: Connected): Promise<void> {
    const { session, tunnel } = connected;
    const wanted = () => tunnel.isOpen;
    const before = await this.#recordConnection(connected, true, wanted);
    if (before !== undefined && before.replica !== this.#options.replica) this.#tellMoved(session, before);
    await tunnel.run(session.manifest);
    const stream = await tunnel.events(session.lastEvent);
    await pumpEvents(stream, session.lastEvent, (events) =>
      this.#insist('events', session, () => this.#rules.recordEvents(session, events), wanted),
    );
  }

  /** The other replica finds out by itself too, only later: a failure holds nothing up. */
  #tellMoved({ workspaceId }: AgentSession, from: Place): void {
    this.#options.moved?.(workspaceId, from).catch((thrown: unknown) => {
      this.#log('info', 'the replica that had the agent was not told', { workspaceId, reason: String(thrown) });
    });
  }

  #recordConnection(
    { session, connection }: Connected,
    connected: boolean,
    wanted: () => boolean,
  ): Promise<Place | undefined> {
    const { workspaceId } = session;
    const { replica } = this.#options;
    const place = replica === undefined ? undefined : { replica, connection };
    const before = this.#writes.get(workspaceId) ?? Promise.resolve();
    const write = before.then(() =>
      this.#insist('connection', session, () => this.#rules.recordConnection(session, connected, place), wanted),
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
  #insist<T>(what: string, { workspaceId, buildId }: AgentSession, write: () => Promise<T>, wanted: () => boolean) {
    return retry(write, (thrown) => {
      if (isOver(thrown)) return false;
      this.#log('warn', `recording ${what} failed`, { workspaceId, buildId, reason: String(thrown) });
      return wanted();
    });
  }
}
