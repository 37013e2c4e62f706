import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '../../base/log.ts';
import { sessionAuthority } from '../../contracts/agent/wire.ts';
import { hostKeyHeader, SessionKind, sessionProtocol, ticketProtocolPrefix } from '../../contracts/sessions/session.ts';
import { parseWorkspaceLabel, WorkspaceId, WorkspaceName } from '../../contracts/values/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { Destination, GatewayRules } from '../../core/gateway.ts';
import type { OpenConnections } from '../access/open-connections.ts';
import { forwardUpgrade } from '../apps/forward.ts';
import { bearerToken } from '../http/bearer.ts';
import { closeWebSocket } from '../http/close-frame.ts';
import { refuseUpgrade } from '../http/problems.ts';
import type { AgentLinks } from '../peers/agent-links.ts';

interface Options {
  rules: GatewayRules;
  links: AgentLinks;
  open: OpenConnections;
  portalOrigin: string;
  log: Log;
}

interface SessionTarget {
  workspace: string;
  kind: SessionKind;
  /** The path at the agent's session server, for example `/exec` or `/port/3000`. */
  path: string;
}

const paths = /^\/gateway\/workspaces\/([a-z0-9-]{1,50})(\/(?:terminal|exec|ssh|ports|port\/([1-9][0-9]{0,4})))$/;

const isWorkspace = (reference: string): boolean =>
  WorkspaceId.safeParse(reference).success ||
  WorkspaceName.safeParse(reference).success ||
  parseWorkspaceLabel(reference) !== undefined;

/** Parses the path of a session; `undefined` for any other path. */
export const sessionTarget = (url: string | undefined): SessionTarget | undefined => {
  const [, workspace, path, port] = paths.exec(url ?? '') ?? [];
  if (workspace === undefined || path === undefined || Number(port ?? 1) > 65_535) return undefined;
  return isWorkspace(workspace) ? { workspace, path, kind: SessionKind.parse(path.split('/')[1]) } : undefined;
};

const protocolsOf = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());

const credentialOf = (request: IncomingMessage): { ticket: string } | { bearer: string } => {
  const bearer = bearerToken(request);
  if (bearer !== undefined) return { bearer };
  const ticket = protocolsOf(request).find((name) => name.startsWith(ticketProtocolPrefix));
  if (ticket !== undefined) return { ticket: ticket.slice(ticketProtocolPrefix.length) };
  throw new BerthError('unauthenticated', 'The request has neither a token nor a ticket. Sign in and try again.');
};

const select = (headers: OutgoingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders =>
  Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));

/** The headers for the agent: those of the WebSocket handshake, and nothing about the person. */
const headersForAgent = (request: IncomingMessage): OutgoingHttpHeaders => ({
  ...select(request.headers, ['upgrade', 'sec-websocket-key', 'sec-websocket-version']),
  ...(protocolsOf(request).includes(sessionProtocol) ? { 'sec-websocket-protocol': sessionProtocol } : {}),
  host: 'agent',
  connection: 'Upgrade',
});

const namesFromAgent = ['sec-websocket-accept', 'sec-websocket-protocol', 'content-length', 'content-type'];

/**
 * Forwards a session to its agent. The browser receives the handshake, the host key from the table, and no other
 * header of the agent's: the response comes from the portal's origin, where an agent must not set cookies or policies.
 */
export const forwardSession = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  stream: Duplex,
  { path, hostKey }: { path: string; hostKey?: string | undefined },
): Promise<void> =>
  forwardUpgrade(request, socket, head, stream, {
    path,
    headers: headersForAgent(request),
    responseHeaders: ({ headers }) => ({
      ...select(headers, namesFromAgent),
      ...(hostKey === undefined ? {} : { [hostKeyHeader]: hostKey }),
    }),
  });

const notConnected = ({ name, status }: Destination): BerthError =>
  status === 'running' || status === 'starting' || status === 'pending'
    ? new BerthError('agent_unreachable', `The workspace ${name} is not connected yet. Try again in a moment.`)
    : new BerthError('wrong_state', `The workspace ${name} is ${status}. Start it first.`);

/** Forwards a session, without reading it, to the agent of a workspace that the person may use. */
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
      throw new BerthError('forbidden', 'Pages of other sites may not open sessions. Open the terminal in the portal.');
    }
    const { destination, grant } = await rules.openSession(credentialOf(request), workspace, kind);
    const link = await links.find(destination);
    if (link === undefined) throw notConnected(destination);
    const stream = await link.connect(sessionAuthority);
    if (socket.destroyed) return void stream.destroy();
    const stopWatching = open.add(grant, (reason, code) => closeWebSocket(socket, stream, code, reason));
    socket.once('close', stopWatching);
    await forwardSession(request, socket, head, stream, { path, hostKey: destination.hostKey });
  } catch (thrown) {
    if (!(thrown instanceof BerthError)) log('warn', 'session failed', { workspace, session: kind, error: thrown });
    if (socket.writable) refuseUpgrade(socket, thrown);
  }
};
