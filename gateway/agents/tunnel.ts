import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import { Activity, type Manifest } from '../../contracts/agent/tunnel.ts';
import { activityAuthority, elsewherePing, eventsAuthority, runAuthority } from '../../contracts/agent/wire.ts';
import { parseJson } from '../../contracts/values/json.ts';
import { BerthError } from '../../core/errors.ts';
import { acceptTimeoutMs, TunnelConnection, TunnelStreamRefused } from '../../tunnel/connection.ts';
import type { TunnelStream } from '../../tunnel/stream.ts';
import { AgentUnresponsive } from './agent-link.ts';
import { startHeartbeat } from './heartbeat.ts';

/** The responses that are read here are far smaller. */
const maxResponseBytes = 4_096;

/** The error is logged, so it contains nothing of what the agent sent. */
const parseActivity = (response: string): Activity => {
  const read = Activity.safeParse(parseJson(response));
  if (!read.success) throw new Error('the agent did not send its activity');
  return read.data;
};

/** Reads a complete response. Throws if it is too long or takes too long. */
export const readResponse = async (stream: Duplex): Promise<string> => {
  const timer = setTimeout(() => stream.destroy(new Error('the agent did not respond')), acceptTimeoutMs);
  let length = 0;
  stream.on('data', (bytes: Buffer) => {
    length += bytes.length;
    if (length > maxResponseBytes) stream.destroy(new Error('the agent sent too long a response'));
  });
  try {
    return await text(stream);
  } finally {
    clearTimeout(timer);
  }
};

const unreachable: Record<number, string> = { 404: 'it has no such app', 502: 'nothing listens there' };

/** The gateway's end of one agent's connection (contracts/agent/tunnel.ts). */
export class AgentTunnel {
  readonly #socket: WebSocket;
  readonly #connection: TunnelConnection;
  readonly closed: Promise<void>;

  constructor(socket: WebSocket, heartbeatMs: number) {
    this.#socket = socket;
    this.#connection = new TunnelConnection(socket);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    startHeartbeat(socket, heartbeatMs, () => this.close());
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Closes the connection and every stream through it. */
  close(): void {
    this.#connection.close();
  }

  /** Sends the agent what to run. The same build a second time changes nothing. */
  async sendManifest(manifest: Manifest): Promise<void> {
    const stream = await this.connect(runAuthority);
    stream.end(JSON.stringify(manifest));
    await readResponse(stream);
  }

  /** The agent's events after the one with this `seq`, as NDJSON. The stream ends only with the tunnel. */
  events(after: number): Promise<TunnelStream> {
    return this.connect(eventsAuthority(after));
  }

  async activity(): Promise<Activity> {
    const stream = await this.connect(activityAuthority);
    stream.end();
    return parseActivity(await readResponse(stream));
  }

  /** See `AgentLink`. */
  async connect(authority: string): Promise<TunnelStream> {
    try {
      return await this.#connection.open(authority);
    } catch (thrown) {
      if (!(thrown instanceof TunnelStreamRefused)) throw thrown;
      const why = unreachable[thrown.status ?? 0] ?? thrown.message;
      const message = `The workspace did not respond: ${why}. Try again in a moment.`;
      throw thrown.status === undefined ? new AgentUnresponsive(message) : new BerthError('agent_unreachable', message);
    }
  }

  /** Asks the agent to connect to another replica. Streams that are open through this connection stay open. */
  requestReconnect(): void {
    if (this.isOpen) this.#socket.ping(elsewherePing);
  }
}
