import { type ClientHttp2Session, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { BerthError } from '../core/errors.ts';
import type { Place, Replica, ReplicaRules } from '../core/gateway.ts';
import { answerMs } from '../tunnel/connection.ts';
import type { AgentOf, Link } from './links.ts';
import { peerHeaders, reasonOf, releaseAuthority } from './peer-headers.ts';
import { feelPulse } from './peer-pulse.ts';
import { openConnect, openStream, StreamRefused } from './peer-streams.ts';

/** Within one network a peer is there in milliseconds; one that is not is gone. */
const handshakeMs = 2_000;
/** Above what the peer gives the agent: an agent that hangs is no reason to give up the peer. */
const peerAnswerMs = answerMs + 2_000;
/** A connection to a peer that carries nothing is closed after this long. */
const idleMs = 60_000;
const streamWindow = 1024 * 1024;
const connectionWindow = 8 * 1024 * 1024;

interface Options {
  rules: ReplicaRules;
  /** This replica's id. */
  self: string;
}

const unreachable = () =>
  new BerthError('agent_unreachable', 'The workspace did not answer: it is not connected. Try again in a moment.');

const openSession = (address: string): ClientHttp2Session => {
  const session = connect(`http://${address}`, {
    settings: { initialWindowSize: streamWindow, enablePush: false },
    maxSessionMemory: 64,
  });
  // A host that is gone says nothing, and one that hangs is connected to all the same: its settings show that it lives.
  const timer = setTimeout(() => session.destroy(), handshakeMs);
  session.once('remoteSettings', () => clearTimeout(timer));
  session.once('connect', () => session.setLocalWindowSize(connectionWindow));
  session.once('close', () => clearTimeout(timer));
  session.setTimeout(idleMs, () => session.close());
  // Streams tell their users; here it is only not to end the process.
  session.on('error', () => session.destroy());
  return session;
};

/** A connection to the replica that is thought to hold an agent. */
interface Way {
  replica: Replica;
  session: ClientHttp2Session;
}

const isOpen = (way: Way | undefined): way is Way => way !== undefined && !way.session.destroyed && !way.session.closed;

/** The agent is not there: the peer is gone, or has it no more. */
class StalePlace extends Error {
  /** The replica to be passed over when the table is asked again. */
  readonly replica: string | undefined;
  constructor(replica?: string) {
    super('the agent is not there');
    this.replica = replica;
  }
}

/** The agent of one workspace at another replica, over a connection of its own, so that none waits for another's reader. */
class RemoteAgent implements Link {
  readonly #options: Options;
  readonly #of: AgentOf;
  readonly #lost: (agent: RemoteAgent) => void;
  readonly #open: (address: string) => ClientHttp2Session;
  #way: Way | undefined;

  constructor(
    options: Options,
    of: AgentOf,
    open: (address: string) => ClientHttp2Session,
    lost: (agent: RemoteAgent) => void,
  ) {
    this.#options = options;
    this.#of = of;
    this.#open = open;
    this.#lost = lost;
  }

  /** The open connection is right as long as the peer keeps it; else the table says where the agent is. */
  async find(except?: string): Promise<Way | undefined> {
    if (isOpen(this.#way)) return this.#way;
    const replica = await this.#options.rules.findAgent(this.#of.workspaceId);
    if (replica === undefined || replica.id === this.#options.self || replica.id === except) return undefined;
    // Another request may have been quicker.
    if (isOpen(this.#way)) return this.#way;
    const session = this.#open(replica.address);
    session.once('close', () => isOpen(this.#way) || this.#lost(this));
    this.#way = { replica, session };
    return this.#way;
  }

  /** When the agent is not where it was, the table knows better by now: it is asked once more. */
  async connect(authority: string): Promise<Duplex> {
    const first = await this.#attempt(authority);
    if (!(first instanceof StalePlace)) return first;
    const second = await this.#attempt(authority, first.replica);
    if (second instanceof StalePlace) throw unreachable();
    return second;
  }

  async #attempt(authority: string, except?: string): Promise<Duplex | StalePlace> {
    const isReused = isOpen(this.#way);
    const way = await this.find(except);
    if (way === undefined) return new StalePlace(except);
    const { id } = way.replica;
    const headers = peerHeaders({ replica: id, ...this.#of, authority }, this.#options.rules);
    const release = feelPulse(way.session);
    try {
      const stream = await openConnect(way.session, authority, headers, peerAnswerMs);
      stream.once('close', release);
      return stream;
    } catch (thrown) {
      release();
      if (!(thrown instanceof StreamRefused)) throw thrown;
      const reason = reasonOf(thrown.headers);
      if (reason !== undefined) throw new BerthError('agent_unreachable', reason);
      way.session.destroy();
      // A connection that the peer closed just now tells nothing of the agent.
      return new StalePlace(isReused && thrown.status === undefined ? undefined : id);
    }
  }
}

/** The agents at other replicas. Where those are is what they themselves wrote into the table, and nobody else's word. */
export class Peers {
  readonly #options: Options;
  /** By their builds. */
  readonly #agents = new Map<string, RemoteAgent>();
  /** Look-ups under way: whoever wants the same agent meanwhile waits for the same answer. */
  readonly #finding = new Map<string, Promise<Link | undefined>>();
  /** All that are open, also those of agents that a link is held to and that were lost once. */
  readonly #sessions = new Set<ClientHttp2Session>();

  constructor(options: Options) {
    this.#options = options;
  }

  to({ workspaceId, buildId }: AgentOf): Promise<Link | undefined> {
    const pending = this.#finding.get(buildId);
    if (pending !== undefined) return pending;
    const finding = this.#find({ workspaceId, buildId }).finally(() => this.#finding.delete(buildId));
    this.#finding.set(buildId, finding);
    return finding;
  }

  async #find(of: AgentOf): Promise<Link | undefined> {
    const agent = this.#agents.get(of.buildId) ?? this.#agentOf(of);
    if ((await agent.find()) === undefined) return undefined;
    this.#agents.set(of.buildId, agent);
    return agent;
  }

  #agentOf(of: AgentOf): RemoteAgent {
    const lost = (agent: RemoteAgent) => {
      // Another one may have been found by now.
      if (this.#agents.get(of.buildId) === agent) this.#agents.delete(of.buildId);
    };
    return new RemoteAgent(this.#options, of, (address) => this.#open(address), lost);
  }

  #open(address: string): ClientHttp2Session {
    const session = openSession(address);
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    return session;
  }

  /** Tells the replica from which an agent came here that it left: a connection that was cut may seem open for long. */
  async release(workspaceId: string, { replica: id, connection }: Place): Promise<void> {
    const { rules } = this.#options;
    const replica = await rules.findReplica(id);
    if (replica === undefined) return;
    const authority = releaseAuthority(connection);
    const session = this.#open(replica.address);
    try {
      const signed = peerHeaders({ replica: id, workspaceId, buildId: '', authority }, rules);
      const headers = { ':method': 'DELETE', ':path': '/', ':authority': authority, ...signed };
      const stream = await openStream(session, headers, handshakeMs);
      stream.resume().end();
    } finally {
      session.close();
    }
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}
