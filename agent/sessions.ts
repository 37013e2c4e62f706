import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseJson } from '../contracts/json.ts';
import type { SessionRequest } from '../contracts/session.ts';
import { sessionProtocol } from '../contracts/wire.ts';
import type { ActivityMeter } from './activity.ts';
import { ByteSession } from './byte-session.ts';
import { exec } from './exec.ts';
import { messageOf } from './message.ts';
import { joinPort } from './port.ts';
import type { Processes } from './processes.ts';
import type { Run } from './run.ts';
import { type ReadRequest, SessionSocket } from './session-socket.ts';
import { Terminals } from './terminals.ts';

/** Largest message of a client: well above the pieces in which terminals and pipes send. */
const mostMessageBytes = 4 * 1024 * 1024;

/** The contract is loaded with the first session: zod costs 6 MB that an idle workspace need not pay. */
const loadContract = async (): Promise<ReadRequest> => {
  const contract = await import('../contracts/session.ts');
  return (text): SessionRequest | undefined => contract.SessionRequest.safeParse(parseJson(text)).data;
};

interface Surroundings {
  home: string;
  run: Run;
  processes: Processes;
  activity: ActivityMeter;
}

/** The SSH server is loaded with its first session too. */
const serveSshSession = async (session: ByteSession, { run, ...around }: Surroundings): Promise<void> => {
  const { serveSsh } = await import('./ssh/server.ts');
  if (run.sshHostKey !== undefined) serveSsh(session, run.sshHostKey, { run, ...around });
  else session.fail('The workspace has no host key yet, without which nobody can know it. Restart the workspace.');
};

/** `/terminal`, `/exec`, `/ssh` or `/port/3000`, as the gateway asks for it. */
const kindOf = (url: string | undefined): { kind: string; port: number } | undefined => {
  const [, kind, port] = /^\/(terminal|exec|ssh|port(?=\/))(?:\/([0-9]{1,5}))?$/.exec(url?.split('?')[0] ?? '') ?? [];
  return kind === undefined ? undefined : { kind, port: Number(port ?? 0) };
};

/**
 * The agent's own HTTP server for sessions. It listens nowhere: the tunnel hands it connections by
 * `server.emit('connection', stream)`.
 */
export const createSessionServer = (surroundings: Surroundings): Server => {
  const { home, run, processes, activity } = surroundings;
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
      return kind === 'terminal' ? terminals.join(start, socket, around) : exec(start, socket, around);
    } catch (thrown) {
      socket.fail(messageOf(thrown));
      return { request: () => {}, stdin: () => {}, closed: () => {} };
    }
  };
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const asked = kindOf(request.url);
    if (asked === undefined) return stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    const { kind, port } = asked;
    const upgrade = (serve: (webSocket: WebSocket) => unknown) => sockets.handleUpgrade(request, stream, head, serve);
    if (kind === 'port') return upgrade((webSocket) => joinPort(new ByteSession(webSocket, stream), port, activity));
    if (kind === 'ssh')
      return upgrade((webSocket) => serveSshSession(new ByteSession(webSocket, stream), surroundings));
    void loadContract().then((read) =>
      upgrade((webSocket) => {
        const socket = new SessionSocket(webSocket);
        socket.serve(read, begin(kind, socket));
      }),
    );
  });
  return server;
};
