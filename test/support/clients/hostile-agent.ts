import { once } from 'node:events';
import { WebSocket } from 'ws';
import { agentPath, tunnelProtocol } from '../../../contracts/agent/wire.ts';
import { TunnelConnection } from '../../../tunnel/connection.ts';
import type { TunnelStream } from '../../../tunnel/stream.ts';
import type { TestBerth } from '../berth.ts';

export interface HostileAgent {
  /** The status of the response to its connection: 101, or a refusal. */
  status: number;
  socket: WebSocket;
  /** Every authority for which the gateway opened a stream. */
  opened: string[];
  /** The bytes received on the streams that it accepted, by authority. */
  received: Map<string, string>;
}

export interface AgentBehavior {
  /** The events that it sends, in wire form; they are numbered here. */
  events?: object[];
  /** The response on every other stream. */
  response?: string;
}

/** A program that has an agent's token and sends whatever it likes. */
export const givenHostileAgent = async (
  { url }: Pick<TestBerth, 'url'>,
  token: string,
  { events = [], response = '' }: AgentBehavior = {},
): Promise<HostileAgent> => {
  const socket = new WebSocket(url.replace('http', 'ws') + agentPath, tunnelProtocol, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  socket.on('error', () => socket.terminate());
  const agent: HostileAgent = { status: 101, socket, opened: [], received: new Map() };
  // Immediately, because a later listener would miss the gateway's first frames.
  socket.once('open', () => {
    new TunnelConnection(socket, (stream, authority) => {
      agent.opened.push(authority);
      stream.accept();
      if (authority.startsWith('events.')) sendEvents(stream, Number(authority.split('.')[1]), events);
      else respond(stream, authority, agent, response);
    });
  });
  socket.once('unexpected-response', (_, refusal) => {
    agent.status = refusal.statusCode ?? 0;
    socket.terminate();
  });
  await Promise.race([once(socket, 'open'), new Promise((closed) => socket.once('close', closed))]);
  return agent;
};

const sendEvents = (stream: TunnelStream, after: number, events: object[]): void => {
  const at = new Date().toISOString();
  for (const [index, event] of events.entries()) {
    stream.write(`${JSON.stringify({ seq: after + index + 1, at, ...event })}\n`);
  }
};

const respond = (stream: TunnelStream, authority: string, { received }: HostileAgent, response: string): void => {
  const end = () => stream.writableEnded || stream.end(response);
  stream.on('data', (bytes: Buffer) => {
    received.set(authority, (received.get(authority) ?? '') + bytes.toString());
    end();
  });
  stream.once('end', end);
};
