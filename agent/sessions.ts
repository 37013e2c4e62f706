import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { SessionRequest } from '../contracts/session.ts';
import { sessionProtocol } from '../contracts/wire.ts';
import type { ActivityMeter } from './activity.ts';
import { exec } from './exec.ts';
import type { Processes } from './processes.ts';
import type { Run } from './run.ts';
import { type ReadRequest, SessionSocket } from './session-socket.ts';
import { Terminals } from './terminals.ts';

/** Largest message of a client: well above the pieces in which terminals and pipes send. */
const mostMessageBytes = 4 * 1024 * 1024;

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
};

/** The contract is loaded with the first session: zod costs 6 MB that an idle workspace need not pay. */
const loadContract = async (): Promise<ReadRequest> => {
  const contract = await import('../contracts/session.ts');
  return (text): SessionRequest | undefined => contract.SessionRequest.safeParse(jsonIn(text)).data;
};

const sentence = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

interface Surroundings {
  home: string;
  run: Run;
  processes: Processes;
  activity: ActivityMeter;
}

/**
 * The agent's own HTTP server for `/terminal` and `/exec`. It listens nowhere: the tunnel hands it connections by
 * `server.emit('connection', stream)`.
 */
export const createSessionServer = ({ home, run, processes, activity }: Surroundings): Server => {
  const terminals = new Terminals(processes, activity);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: mostMessageBytes,
    handleProtocols: (offered) => (offered.has(sessionProtocol) ? sessionProtocol : false),
  });
  const begin = (kind: string, socket: SessionSocket) => (start: Extract<SessionRequest, { type: 'start' }>) => {
    const around = { home, env: run.environment, processes, activity };
    try {
      return kind === '/terminal' ? terminals.join(start, socket, around) : exec(start, socket, around);
    } catch (thrown) {
      socket.fail(sentence(thrown));
      return { request: () => {}, stdin: () => {}, closed: () => {} };
    }
  };
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const path = request.url?.split('?')[0] ?? '';
    if (path !== '/terminal' && path !== '/exec')
      return stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    void loadContract().then((read) =>
      sockets.handleUpgrade(request, stream, head, (webSocket) => {
        const socket = new SessionSocket(webSocket);
        socket.serve(read, begin(path, socket));
      }),
    );
  });
  return server;
};
