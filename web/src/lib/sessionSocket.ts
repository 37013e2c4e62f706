import { sessionPath, sessionProtocol, ticketProtocolPrefix } from '../../../contracts/sessions/session.ts';

/** The gateway closes with this code when a permission was revoked, so that reconnecting would be refused. */
export const permissionRevoked = 1008;

/** Opens a session in a workspace. The ticket is single-use. */
export const openSessionSocket = (workspaceId: string, kind: 'terminal' | 'ports', ticket: string): WebSocket => {
  const url = new URL(sessionPath(workspaceId, kind), location.href.replace(/^http/, 'ws'));
  return new WebSocket(url, [sessionProtocol, ticketProtocolPrefix + ticket]);
};
