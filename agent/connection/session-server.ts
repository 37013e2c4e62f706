import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { sessionProtocol } from '../../contracts/agent/wire.ts';
import type { SessionRequest } from '../../contracts/sessions/session.ts';
import { parseJson } from '../../contracts/values/json.ts';
import type { ActivityMeter } from '../common/activity.ts';
import { messageOf } from '../common/message.ts';
import type { Processes } from '../processes/processes.ts';
import { ByteSession } from '../sessions/byte-session.ts';
import { startExec } from '../sessions/exec.ts';
import { listeningPorts, streamListeningPorts } from '../sessions/listening-ports.ts';
import { forwardPort } from '../sessions/port-forward.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { type ParseRequest, SessionSocket } from '../sessions/session-socket.ts';
import type { WorkspaceRuntime } from '../startup/workspace-runtime.ts';
import type { Terminals } from '../terminal/terminals.ts';

/** The largest message of a client, well above the chunks that terminals and pipes send. */
const maxMessageBytes = 4 * 1024 * 1024;

/** Loaded with the first terminal, because screens cost 12 MB, which an idle workspace should not pay. */
const loadTerminals = async ({ processes, activity }: SessionServices): Promise<Terminals> => {
  const { Terminals } = await import('../terminal/terminals.ts');
  return new Terminals(processes, activity);
};

/** Loaded with the first session, because zod costs 6 MB, which an idle workspace should not pay. */
const loadContract = async (): Promise<ParseRequest> => {
  const contract = await import('../../contracts/sessions/session.ts');
  return (text): SessionRequest | undefined => contract.SessionRequest.safeParse(parseJson(text)).data;
};

type Start = Extract<SessionRequest, { type: 'start' }>;

interface SessionServices {
  home: string;
  runtime: WorkspaceRuntime;
  processes: Processes;
  activity: ActivityMeter;
}

/** The SSH server is loaded with its first session, so that an idle workspace does not pay for it. */
const serveSshSession = async (
  session: ByteSession,
  hostKey: string | undefined,
  context: () => SessionContext,
): Promise<void> => {
  const { serveSsh } = await import('../ssh/server.ts');
  if (hostKey !== undefined) serveSsh(session, hostKey, context);
  else
    session.fail(
      'The workspace has no SSH host key yet, without which clients cannot verify it. Restart the workspace.',
    );
};

/** Parses `/terminal`, `/exec`, `/ssh`, `/ports` or `/port/3000`. */
const parseSessionPath = (url: string | undefined): { kind: string; port: number } | undefined => {
  const [, kind, port] =
    /^\/(terminal|exec|ssh|ports|port(?=\/))(?:\/([0-9]{1,5}))?$/.exec(url?.split('?')[0] ?? '') ?? [];
  return kind === undefined ? undefined : { kind, port: Number(port ?? 0) };
};

/**
 * Creates the HTTP server for sessions. It does not listen: the tunnel passes it streams by
 * `server.emit('connection', stream)`.
 */
export const createSessionServer = (services: SessionServices): Server => {
  const { home, runtime, processes, activity } = services;
  const context = (): SessionContext => ({
    home,
    runDir: runtime.runDir,
    env: runtime.environment,
    processes,
    activity,
  });
  let terminalsLoading: Promise<Terminals> | undefined;
  const terminals = () => {
    terminalsLoading ??= loadTerminals(services);
    return terminalsLoading;
  };
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handleProtocols: (offered) => (offered.has(sessionProtocol) ? sessionProtocol : false),
  });
  const begin = (terminals: Terminals | undefined, socket: SessionSocket) => (start: Start) => {
    try {
      return terminals === undefined ? startExec(start, socket, context()) : terminals.join(start, socket, context());
    } catch (thrown) {
      socket.fail(messageOf(thrown));
      return { request: () => {}, stdin: () => {}, closed: () => {} };
    }
  };
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const session = parseSessionPath(request.url);
    if (session === undefined) return stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    const { kind, port } = session;
    const upgrade = (serve: (webSocket: WebSocket) => unknown) => sockets.handleUpgrade(request, stream, head, serve);
    if (kind === 'port') return upgrade((webSocket) => forwardPort(new ByteSession(webSocket, stream), port, activity));
    if (kind === 'ports')
      return upgrade((webSocket) =>
        streamListeningPorts(webSocket, () =>
          listeningPorts(processes.members()).filter((port) => !runtime.appPorts.has(port)),
        ),
      );
    if (kind === 'ssh')
      return upgrade((webSocket) => serveSshSession(new ByteSession(webSocket, stream), runtime.sshHostKey, context));
    void Promise.all([loadContract(), kind === 'terminal' ? terminals() : undefined]).then(([read, terminals]) =>
      upgrade((webSocket) => {
        const socket = new SessionSocket(webSocket);
        socket.serve(read, begin(terminals, socket));
      }),
    );
  });
  return server;
};
