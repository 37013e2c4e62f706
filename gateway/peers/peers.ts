import { type ClientHttp2Session, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { BerthError } from '../../core/errors.ts';
import type { AgentLocation, Replica, ReplicaRules } from '../../core/gateway.ts';
import { acceptTimeoutMs } from '../../tunnel/connection.ts';
import { type AgentId, type AgentLink, AgentUnresponsive } from '../agents/agent-link.ts';
import { peerHeaders, reasonOf, releaseAuthority, unresponsiveStatus } from './peer-headers.ts';
import { watchLiveness } from './peer-liveness.ts';
import { openConnect, openStream, StreamRefused } from './peer-streams.ts';

/** A peer in the same network responds within milliseconds. */
const handshakeTimeoutMs = 2_000;
/** Longer than the peer waits for the agent, so that an agent that hangs does not cost the connection to the peer. */
const streamTimeoutMs = acceptTimeoutMs + 2_000;
/** An idle connection to a peer is closed after this long. */
const idleTimeoutMs = 60_000;
const streamWindow = 1024 * 1024;
const connectionWindow = 8 * 1024 * 1024;

interface Options {
  rules: ReplicaRules;
  /** This replica's id. */
  self: string;
}

const unresponsive = () =>
  new AgentUnresponsive('The workspace did not respond: it is not connected. Try again in a moment.');

const openSession = (address: string): ClientHttp2Session => {
  const session = connect(`http://${address}`, {
    settings: { initialWindowSize: streamWindow, enablePush: false },
    maxSessionMemory: 64,
  });
  // A dead host sends nothing, and the kernel of a process that hangs still accepts connections. Only the peer's HTTP/2
  // settings show that it works.
  const timer = setTimeout(() => session.destroy(), handshakeTimeoutMs);
  session.once('remoteSettings', () => clearTimeout(timer));
  session.once('connect', () => session.setLocalWindowSize(connectionWindow));
  session.once('close', () => clearTimeout(timer));
  session.setTimeout(idleTimeoutMs, () => session.close());
  // The streams report the error to their users; without a listener here it would end the process.
  session.on('error', () => session.destroy());
  return session;
};

/** A connection to the replica that holds an agent according to the table. */
interface PeerConnection {
  replica: Replica;
  session: ClientHttp2Session;
}

const isOpen = (peer: PeerConnection | undefined): peer is PeerConnection =>
  peer !== undefined && !peer.session.destroyed && !peer.session.closed;

/** The agent is not connected to the replica, or the replica is gone. */
class AgentNotThere extends Error {
  /** The replica to ignore if the table still names it. */
  readonly replica: string | undefined;
  constructor(replica?: string) {
    super('the agent is not at this replica');
    this.replica = replica;
  }
}

/**
 * One workspace's agent at another replica. It has its own connection, so that slow readers do not block other
 * workspaces.
 */
class RemoteAgent implements AgentLink {
  readonly #options: Options;
  readonly #id: AgentId;
  readonly #onLost: (agent: RemoteAgent) => void;
  readonly #open: (address: string) => ClientHttp2Session;
  #peer: PeerConnection | undefined;

  constructor(
    options: Options,
    id: AgentId,
    open: (address: string) => ClientHttp2Session,
    onLost: (agent: RemoteAgent) => void,
  ) {
    this.#options = options;
    this.#id = id;
    this.#open = open;
    this.#onLost = onLost;
  }

  /** An open connection is valid as long as the peer keeps it. Otherwise the table says where the agent is. */
  async find(except?: string): Promise<PeerConnection | undefined> {
    if (isOpen(this.#peer)) return this.#peer;
    const replica = await this.#options.rules.findAgent(this.#id.workspaceId);
    if (replica === undefined || replica.id === this.#options.self || replica.id === except) return undefined;
    // A concurrent request may have opened one.
    if (isOpen(this.#peer)) return this.#peer;
    const session = this.#open(replica.address);
    session.once('close', () => isOpen(this.#peer) || this.#onLost(this));
    this.#peer = { replica, session };
    return this.#peer;
  }

  /**
   * An agent may just have moved to another replica, so a failed attempt is repeated once with the table's new
   * location.
   */
  async connect(authority: string): Promise<Duplex> {
    const first = await this.#attempt(authority);
    if (!(first instanceof AgentNotThere)) return first;
    const second = await this.#attempt(authority, first.replica);
    if (second instanceof AgentNotThere) throw unresponsive();
    return second;
  }

  async #attempt(authority: string, except?: string): Promise<Duplex | AgentNotThere> {
    const isReused = isOpen(this.#peer);
    const peer = await this.find(except);
    if (peer === undefined) return new AgentNotThere(except);
    const { id } = peer.replica;
    const headers = peerHeaders({ replica: id, ...this.#id, authority }, this.#options.rules);
    const stopWatching = watchLiveness(peer.session);
    try {
      const stream = await openConnect(peer.session, authority, headers, streamTimeoutMs);
      stream.once('close', stopWatching);
      return stream;
    } catch (thrown) {
      stopWatching();
      if (!(thrown instanceof StreamRefused)) throw thrown;
      const reason = reasonOf(thrown.headers);
      if (reason !== undefined) {
        throw thrown.status === unresponsiveStatus
          ? new AgentUnresponsive(reason)
          : new BerthError('agent_unreachable', reason);
      }
      peer.session.destroy();
      // If the peer was just closing a reused connection, the agent may still be there: try the same replica again.
      return new AgentNotThere(isReused && thrown.status === undefined ? undefined : id);
    }
  }
}

/** The agents at other replicas. A replica is found only by what it wrote into the table itself. */
export class Peers {
  readonly #options: Options;
  readonly #byBuild = new Map<string, RemoteAgent>();
  /** Lookups in progress, which concurrent requests for the same agent share. */
  readonly #lookups = new Map<string, Promise<AgentLink | undefined>>();
  /** All open connections, also those of agents that are no longer in `#byBuild`. */
  readonly #sessions = new Set<ClientHttp2Session>();

  constructor(options: Options) {
    this.#options = options;
  }

  find({ workspaceId, buildId }: AgentId): Promise<AgentLink | undefined> {
    const pending = this.#lookups.get(buildId);
    if (pending !== undefined) return pending;
    const lookup = this.#lookUp({ workspaceId, buildId }).finally(() => this.#lookups.delete(buildId));
    this.#lookups.set(buildId, lookup);
    return lookup;
  }

  async #lookUp(id: AgentId): Promise<AgentLink | undefined> {
    const agent = this.#byBuild.get(id.buildId) ?? this.#createAgent(id);
    if ((await agent.find()) === undefined) return undefined;
    this.#byBuild.set(id.buildId, agent);
    return agent;
  }

  #createAgent(id: AgentId): RemoteAgent {
    const forget = (agent: RemoteAgent) => {
      // Only if it was not replaced meanwhile.
      if (this.#byBuild.get(id.buildId) === agent) this.#byBuild.delete(id.buildId);
    };
    return new RemoteAgent(this.#options, id, (address) => this.#open(address), forget);
  }

  #open(address: string): ClientHttp2Session {
    const session = openSession(address);
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    return session;
  }

  /**
   * Notifies the replica that an agent has left. Its connection may have been cut without it noticing for a long time.
   */
  async release(workspaceId: string, { replica: id, connection }: AgentLocation): Promise<void> {
    const { rules } = this.#options;
    const replica = await rules.findReplica(id);
    if (replica === undefined) return;
    const authority = releaseAuthority(connection);
    const session = this.#open(replica.address);
    try {
      const signed = peerHeaders({ replica: id, workspaceId, buildId: '', authority }, rules);
      const headers = { ':method': 'DELETE', ':path': '/', ':authority': authority, ...signed };
      const stream = await openStream(session, headers, handshakeTimeoutMs);
      stream.resume().end();
    } finally {
      session.close();
    }
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}
