import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { sessionAuthority } from '../contracts/agent.ts';
import { WorkspaceId, WorkspaceName } from '../contracts/names.ts';
import { sessionProtocol, ticketProtocolPrefix } from '../contracts/session.ts';
import { BerthError } from '../core/errors.ts';
import type { Destination, GatewayRules } from '../core/gateway.ts';
import { bearerOf } from './admission.ts';
import { endSocket } from './close-frame.ts';
import type { Links } from './links.ts';
import type { Log } from './log.ts';
import type { OpenConnections } from './open-connections.ts';
import { refuseUpgrade } from './problems.ts';
import { proxyUpgrade } from './proxy.ts';

interface Options {
  rules: GatewayRules;
  links: Links;
  open: OpenConnections;
  portalOrigin: string;
  log: Log;
}

export interface SessionTarget {
  workspace: string;
  kind: 'terminal' | 'exec';
}

/** The workspace and kind of a session's path; `undefined` for any other path. */
export const sessionTarget = (url: string | undefined): SessionTarget | undefined => {
  const [, workspace, kind] = /^\/gateway\/workspaces\/([a-z0-9-]{1,40})\/(terminal|exec)$/.exec(url ?? '') ?? [];
  if (workspace === undefined) return undefined;
  const known = WorkspaceId.safeParse(workspace).success || WorkspaceName.safeParse(workspace).success;
  return known ? { workspace, kind: kind as SessionTarget['kind'] } : undefined;
};

const protocolsOf = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());

const credentialOf = (request: IncomingMessage): { ticket: string } | { bearer: string } => {
  const bearer = bearerOf(request);
  if (bearer !== undefined) return { bearer };
  const ticket = protocolsOf(request).find((name) => name.startsWith(ticketProtocolPrefix));
  if (ticket !== undefined) return { ticket: ticket.slice(ticketProtocolPrefix.length) };
  throw new BerthError('unauthenticated', 'The session carries neither a token nor a ticket. Sign in and try again.');
};

/** What the agent sees: the WebSocket handshake and nothing of the person. Changes the request. */
const strip = (request: IncomingMessage, kind: string): void => {
  const { headers } = request;
  const protocol = protocolsOf(request).includes(sessionProtocol) ? sessionProtocol : undefined;
  const kept = ['connection', 'upgrade', 'sec-websocket-key', 'sec-websocket-version'];
  for (const name of Object.keys(headers)) if (!kept.includes(name)) delete headers[name];
  headers.host = 'agent';
  if (protocol !== undefined) headers['sec-websocket-protocol'] = protocol;
  request.url = `/${kind}`;
};

const notConnected = ({ name, status }: Destination): BerthError =>
  status === 'running' || status === 'starting' || status === 'pending'
    ? new BerthError('agent_unreachable', `The workspace ${name} is not connected yet. Try again in a moment.`)
    : new BerthError('wrong_state', `The workspace ${name} is ${status}. Start it first.`);

/** Passes terminals and commands on to the agent of a workspace that the person may use. */
export const proxySession = async (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { workspace, kind }: SessionTarget,
  { rules, links, open, portalOrigin, log }: Options,
): Promise<void> => {
  try {
    const { origin } = request.headers;
    if (origin !== undefined && origin !== portalOrigin) {
      throw new BerthError('forbidden', 'Sessions are opened from the portal’s pages only. Open the terminal there.');
    }
    const { destination, access } = await rules.openSession(credentialOf(request), workspace, kind);
    const link = await links.to(destination.workspaceId);
    if (link === undefined) throw notConnected(destination);
    const stream = await link.connect(sessionAuthority);
    if (socket.destroyed) return void stream.destroy();
    strip(request, kind);
    socket.once(
      'close',
      open.add(access, (reason, code) => endSocket(socket, stream, code, reason)),
    );
    await proxyUpgrade(request, socket, head, stream);
  } catch (thrown) {
    if (!(thrown instanceof BerthError)) log('warn', 'session failed', { workspace, kind, reason: String(thrown) });
    if (socket.writable) refuseUpgrade(socket, thrown);
  }
};
