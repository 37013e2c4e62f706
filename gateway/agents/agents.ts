import { randomUUID } from 'node:crypto';
import { noJitter } from '../../base/back-off.ts';
import type { Log } from '../../base/log.ts';
import { retry } from '../../base/retry.ts';
import type { AgentEvent } from '../../contracts/agent/tunnel.ts';
import { BerthError } from '../../core/errors.ts';
import type { AgentLocation, AgentSession, GatewayRules } from '../../core/gateway.ts';
import type { AgentId } from './agent-link.ts';
import { pumpEvents } from './event-pump.ts';
import type { AgentTunnel } from './tunnel.ts';

export interface ConnectedAgent {
  session: AgentSession;
  tunnel: AgentTunnel;
  /** Unique per connection, so that a late write about an earlier connection is not mistaken for this one. */
  connection: string;
}

interface Options {
  rules: GatewayRules;
  log: Log;
  /** This replica's id, by which others find the agents that are connected here; absent if there are no others. */
  replica?: string | undefined;
  /** An agent that was connected to another replica connected here. */
  onMoved?: (workspaceId: string, from: AgentLocation) => Promise<void>;
}

const hasBuildEnded = (thrown: unknown): boolean => thrown instanceof BerthError && thrown.name === 'wrong_state';

/** The agents that are connected to this replica, one per workspace. Records their connections and events. */
export class Agents {
  readonly #options: Options;
  readonly #rules: GatewayRules;
  readonly #log: Log;
  readonly #connected = new Map<string, ConnectedAgent>();
  /** The last write about each workspace's connection, so that an older `false` never follows a newer `true`. */
  readonly #writes = new Map<string, Promise<void>>();
  readonly #serving = new Set<Promise<void>>();
  #isDraining = false;
  #isClosing = false;

  constructor(options: Options) {
    this.#options = options;
    this.#rules = options.rules;
    this.#log = options.log;
  }

  all(): readonly ConnectedAgent[] {
    return [...this.#connected.values()];
  }

  /** The tunnel of a build's agent; `undefined` if another build's agent is connected, or none. */
  tunnelOf({ workspaceId, buildId }: AgentId): AgentTunnel | undefined {
    const agent = this.#connected.get(workspaceId);
    return agent?.session.buildId === buildId ? agent.tunnel : undefined;
  }

  /**
   * Closes a workspace's connection and everything open through it. The agent reconnects if its build is still current.
   */
  disconnect(workspaceId: string): void {
    this.#tunnel(workspaceId)?.close();
  }

  /**
   * The agent has left this connection for another replica. While this one drains, the streams through it may end by
   * themselves.
   */
  release(workspaceId: string, connection: string): void {
    const agent = this.#connected.get(workspaceId);
    if (agent?.connection === connection && !this.#isDraining) agent.tunnel.close();
  }

  /**
   * Asks all agents to connect to other replicas. Their connections here stay for the streams that are open through
   * them.
   */
  drain(): void {
    this.#isDraining = true;
    for (const { tunnel } of this.all()) tunnel.requestReconnect();
  }

  /** Serves an admitted agent until its connection ends. A second connection of a workspace replaces the first. */
  serve(session: AgentSession, tunnel: AgentTunnel): void {
    const serving = this.#serve(session, tunnel).catch((thrown: unknown) => {
      this.#log('error', 'agent not served', { workspace: session.workspaceId, error: thrown });
    });
    this.#serving.add(serving);
    void serving.then(() => this.#serving.delete(serving));
  }

  /** Closes all connections and accepts no more. Resolves when that is recorded. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const { tunnel } of this.all()) tunnel.close();
    await Promise.all(this.#serving);
  }

  #tunnel(workspaceId: string): AgentTunnel | undefined {
    return this.#connected.get(workspaceId)?.tunnel;
  }

  async #serve(session: AgentSession, tunnel: AgentTunnel): Promise<void> {
    if (this.#isClosing || this.#isDraining) return tunnel.close();
    const { workspaceId, buildId } = session;
    const agent = { session, tunnel, connection: randomUUID() };
    this.#tunnel(workspaceId)?.close();
    this.#connected.set(workspaceId, agent);
    this.#log('info', 'agent connected', { workspace: workspaceId, build: buildId });
    try {
      await Promise.race([tunnel.closed, this.#run(agent)]);
    } catch (thrown) {
      if (!hasBuildEnded(thrown))
        this.#log('warn', 'agent cut off', { workspace: workspaceId, build: buildId, error: thrown });
    }
    tunnel.close();
    if (this.#tunnel(workspaceId) !== tunnel) return;
    this.#connected.delete(workspaceId);
    this.#log('info', 'agent disconnected', { workspace: workspaceId, build: buildId });
    await this.#recordLoss(agent);
  }

  /** Records the connection, sends the manifest, and records events until the connection ends. */
  async #run(agent: ConnectedAgent): Promise<void> {
    const { session, tunnel } = agent;
    const isWanted = () => tunnel.isOpen;
    const previous = await this.#recordConnection(agent, true, isWanted);
    if (previous !== undefined && previous.replica !== this.#options.replica) this.#reportMove(session, previous);
    await tunnel.sendManifest(session.manifest);
    const stream = await tunnel.events(session.lastEvent);
    await pumpEvents(stream, session.lastEvent, (events) =>
      this.#retryWrite('events', session, () => this.#recordEvents(session, events), isWanted),
    );
  }

  async #recordEvents(session: AgentSession, events: readonly AgentEvent[]): Promise<void> {
    await this.#rules.recordEvents(session, events);
    const last = events.findLast((event) => event.type === 'status');
    if (last !== undefined) session.isUnhealthy = last.status === 'start_error';
  }

  /** The other replica notices the move by itself, only later, so a failure has no consequence. */
  #reportMove({ workspaceId }: AgentSession, from: AgentLocation): void {
    this.#options.onMoved?.(workspaceId, from).catch((thrown: unknown) => {
      this.#log('info', 'the previous replica of an agent was not notified', { workspace: workspaceId, error: thrown });
    });
  }

  /** Not recorded once the build has ended, or while another connection of the workspace is open. */
  async #recordLoss(agent: ConnectedAgent): Promise<void> {
    const isWanted = () => !this.#isClosing && this.#tunnel(agent.session.workspaceId) === undefined;
    try {
      await this.#recordConnection(agent, false, isWanted);
    } catch (thrown) {
      if (!hasBuildEnded(thrown)) throw thrown;
    }
  }

  #recordConnection(
    { session, connection }: ConnectedAgent,
    isConnected: boolean,
    isWanted: () => boolean,
  ): Promise<AgentLocation | undefined> {
    const { workspaceId } = session;
    const { replica } = this.#options;
    const location = replica === undefined ? undefined : { replica, connection };
    const previous = this.#writes.get(workspaceId) ?? Promise.resolve();
    const record = () => this.#rules.recordConnection(session, isConnected, location);
    const write = previous.then(() => this.#retryWrite('connection', session, record, isWanted));
    // The next write waits for this one whether it fails or not; its error is for the caller only.
    const settled = write.then(
      () => undefined,
      () => undefined,
    );
    this.#writes.set(workspaceId, settled);
    void settled.then(() => {
      if (this.#writes.get(workspaceId) === settled) this.#writes.delete(workspaceId);
    });
    return write;
  }

  /** Retries a failed write while it is wanted, unless the build has ended. */
  #retryWrite<T>(
    what: string,
    { workspaceId, buildId }: AgentSession,
    write: () => Promise<T>,
    isWanted: () => boolean,
  ) {
    const isRetryable = (thrown: unknown) => {
      if (hasBuildEnded(thrown)) return false;
      this.#log('warn', `recording ${what} failed`, { workspace: workspaceId, build: buildId, error: thrown });
      return isWanted();
    };
    return retry(write, { firstDelayMs: 100, longestDelayMs: 5_000, jitter: noJitter, isRetryable });
  }
}
