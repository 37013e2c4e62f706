import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseWorkspaceLabel, WorkspaceId, WorkspaceName } from '../contracts/names.ts';
import { hostKeyHeader, SessionKind, sessionProtocol, ticketProtocolPrefix } from '../contracts/session.ts';
import { sessionAuthority } from '../contracts/wire.ts';
import { BerthError } from '../core/errors.ts';
import type { Destination, GatewayRules } from '../core/gateway.ts';
import { bearerOf } from './bearer.ts';
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
  kind: SessionKind;
  /** What the agent's session server knows it by: `/exec`, `/port/3000`. */
  path: string;
}

const paths = /^\/gateway\/workspaces\/([a-z0-9-]{1,50})(\/(?:terminal|exec|ssh|port\/([1-9][0-9]{0,4})))$/;

const isWorkspace = (reference: string): boolean =>
  WorkspaceId.safeParse(reference).success ||
  WorkspaceName.safeParse(reference).success ||
  parseWorkspaceLabel(reference) !== undefined;

/** What a session's path names; `undefined` for any other path. */
export const sessionTarget = (url: string | undefined): SessionTarget | undefined => {
  const [, workspace, path, port] = paths.exec(url ?? '') ?? [];
  if (workspace === undefined || path === undefined || Number(port ?? 1) > 65_535) return undefined;
  return isWorkspace(workspace) ? { workspace, path, kind: SessionKind.parse(path.split('/')[1]) } : undefined;
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
const strip = (request: IncomingMessage, path: string): void => {
  const { headers } = request;
  const protocol = protocolsOf(request).includes(sessionProtocol) ? sessionProtocol : undefined;
  const kept = ['upgrade', 'sec-websocket-key', 'sec-websocket-version'];
  for (const name of Object.keys(headers)) if (!kept.includes(name)) delete headers[name];
  headers.connection = 'Upgrade';
  headers.host = 'agent';
  if (protocol !== undefined) headers['sec-websocket-protocol'] = protocol;
  request.url = path;
};

const notConnected = ({ name, status }: Destination): BerthError =>
  status === 'running' || status === 'starting' || status === 'pending'
    ? new BerthError('agent_unreachable', `The workspace ${name} is not connected yet. Try again in a moment.`)
    : new BerthError('wrong_state', `The workspace ${name} is ${status}. Start it first.`);

/** Passes sessions on, unread, to the agent of a workspace that the person may use. */
export const proxySession = async (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { workspace, kind, path }: SessionTarget,
  { rules, links, open, portalOrigin, log }: Options,
): Promise<void> => {
  try {
    const { origin } = request.headers;
    if (origin !== undefined && origin !== portalOrigin) {
      throw new BerthError('forbidden', 'Sessions are opened from the portal’s pages only. Open the terminal there.');
    }
    const { destination, access } = await rules.openSession(credentialOf(request), workspace, kind);
    const link = await links.to(destination);
    if (link === undefined) throw notConnected(destination);
    const stream = await link.connect(sessionAuthority);
    if (socket.destroyed) return void stream.destroy();
    strip(request, path);
    socket.once(
      'close',
      open.add(access, (reason, code) => endSocket(socket, stream, code, reason)),
    );
    const { hostKey } = destination;
    const says = hostKey === undefined ? {} : { [hostKeyHeader]: hostKey };
    await proxyUpgrade(request, socket, head, stream, says);
  } catch (thrown) {
    if (!(thrown instanceof BerthError)) log('warn', 'session failed', { workspace, kind, reason: String(thrown) });
    if (socket.writable) refuseUpgrade(socket, thrown);
  }
};
