/** Constants of tunnel and sessions, without zod, which would cost the agent 6 MB of memory. */
export const agentPath = '/agent';
export const agentAuthenticationPath = '/agent/sign-on';
export const appAuthority = (app: string): string => `app.${app}`;
export const portAuthority = (port: number): string => `port.${port}`;
/** The port of a port authority; `undefined` for any other. */
export const portOfAuthority = (authority: string): number | undefined => {
  const port = Number(/^port\.([1-9][0-9]{0,4})$/.exec(authority)?.[1]);
  return port <= 65_535 ? port : undefined;
};
/** The authority for a diagnosis of another authority's app or port. */
export const diagnosisAuthority = (of: string): string => `diagnosis.${of}`;
export const sessionAuthority = 'session';
export const runAuthority = 'run';
export const activityAuthority = 'activity';
export const eventsAuthority = (after: number | ''): string => `events.${after}`;

/** Version of the protocol on the WebSocket (tunnel/frames.ts), part of the subprotocol. */
export const tunnelVersion = 1;
export const tunnelProtocol = `berth-tunnel.${tunnelVersion}`;
/** The version that an agent offers; 0 for agents older than the version numbers. */
export const tunnelVersionIn = (protocols: string): number =>
  Number(/^berth-tunnel\.([1-9][0-9]{0,3})$/.exec(protocols)?.[1] ?? 0);

/** Largest text of one log event, in characters. */
export const logChunkLimit = 16_384;

/** The gateway's path for a session (contracts/sessions/session.ts). */
export const sessionPath = (
  workspace: string,
  kind: 'terminal' | 'exec' | 'ssh' | 'ports' | `port/${number}`,
): string => `/gateway/workspaces/${encodeURIComponent(workspace)}/${kind}`;

/** A home path that needs no escaping in URLs and commands. */
export const plainPath = /^(\/[A-Za-z0-9._-]+){1,20}$/;

export const sessionProtocol = 'berth';
export const ticketProtocolPrefix = 'berth.ticket.';

/** The first byte of a session's binary message. */
export const channel = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** Response header of an upgrade on `/ssh`: the workspace's public host key, `ssh-ed25519 AAAA…`. */
export const hostKeyHeader = 'berth-host-key';

/** Ends one direction of a byte session (`ssh`, `port`) while the other stays open. */
export const eofMessage = '{"type":"eof"}';

/** A WebSocket close reason: a close frame has at most 125 bytes, two of them for the code (RFC 6455, section 5.5). */
export const closeReason = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 123);

/**
 * Payload of a WebSocket ping that asks the agent to connect again. The payload of other pings is the milliseconds to
 * the next one.
 */
export const elsewherePing = 'elsewhere';
