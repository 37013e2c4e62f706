import { once } from 'node:events';
import { WebSocket } from 'ws';
import { agentPath, tunnelProtocol } from '../../../contracts/agent/wire.ts';
import { TunnelConnection } from '../../../tunnel/connection.ts';
import type { TunnelStream } from '../../../tunnel/stream.ts';
import type { TestBerth } from '../berth.ts';

export interface HostileAgent {
  /** The answer to its dialling: 101, or the status of the refusal. */
  status: number;
  socket: WebSocket;
  /** Every authority that the gateway asked for. */
  asked: string[];
  /** What came on streams that it accepted, by authority. */
  heard: Map<string, string>;
}

export interface Said {
  /** What it says happened, as it goes over the wire; numbered by itself. */
  events?: object[];
  /** What it answers on every other stream. */
  answer?: string;
}

/** Whoever has an agent's token, and says what they like with it. */
export const givenHostileAgent = async (
  { url }: Pick<TestBerth, 'url'>,
  token: string,
  { events = [], answer = '' }: Said = {},
): Promise<HostileAgent> => {
  const socket = new WebSocket(url.replace('http', 'ws') + agentPath, tunnelProtocol, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  socket.on('error', () => socket.terminate());
  const agent: HostileAgent = { status: 101, socket, asked: [], heard: new Map() };
  // At once, or the gateway's first words would find nobody listening.
  socket.once('open', () => {
    new TunnelConnection(socket, (stream, authority) => {
      agent.asked.push(authority);
      stream.accept();
      if (authority.startsWith('events.')) tell(stream, Number(authority.split('.')[1]), events);
      else listen(stream, authority, agent, answer);
    });
  });
  socket.once('unexpected-response', (_, response) => {
    agent.status = response.statusCode ?? 0;
    socket.terminate();
  });
  await Promise.race([once(socket, 'open'), new Promise((closed) => socket.once('close', closed))]);
  return agent;
};

const tell = (stream: TunnelStream, after: number, events: object[]): void => {
  const at = new Date().toISOString();
  for (const [index, event] of events.entries()) {
    stream.write(`${JSON.stringify({ seq: after + index + 1, at, ...event })}\n`);
  }
};

const listen = (stream: TunnelStream, authority: string, { heard }: HostileAgent, answer: string): void => {
  const end = () => stream.writableEnded || stream.end(answer);
  stream.on('data', (bytes: Buffer) => {
    heard.set(authority, (heard.get(authority) ?? '') + bytes.toString());
    end();
  });
  stream.once('end', end);
};
