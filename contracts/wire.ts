/** The plain constants of tunnel and sessions. They lie apart from the schemas so that the agent can use them without loading zod, which would cost it 6 MB. */
export const agentPath = '/agent';
export const signOnPath = '/agent/sign-on';
export const appAuthority = (app: string): string => `app.${app}`;
export const portAuthority = (port: number): string => `port.${port}`;
/** The port in such an authority; `undefined` for any other. */
export const portOfAuthority = (authority: string): number | undefined => {
  const port = Number(/^port\.([1-9][0-9]{0,4})$/.exec(authority)?.[1]);
  return port <= 65_535 ? port : undefined;
};
export const sessionAuthority = 'session';
export const runAuthority = 'run';
export const activityAuthority = 'activity';
export const eventsAuthority = (after: number | ''): string => `events.${after}`;

/** What agent and gateway speak on the WebSocket (tunnel/frames.ts): its version stands in the subprotocol. */
export const tunnelVersion = 1;
export const tunnelProtocol = `berth-tunnel.${tunnelVersion}`;
/** The version in a list of subprotocols as an agent offers it; 0 for those before there were any. */
export const tunnelVersionIn = (protocols: string): number =>
  Number(/^berth-tunnel\.([1-9][0-9]{0,3})$/.exec(protocols)?.[1] ?? 0);

/** Largest text of one log event, in characters. */
export const logChunkLimit = 16_384;

/** Where the gateway takes a session of a kind (contracts/session.ts). */
export const sessionPath = (workspace: string, kind: 'terminal' | 'exec' | 'ssh' | `port/${number}`): string =>
  `/gateway/workspaces/${encodeURIComponent(workspace)}/${kind}`;

/** A home that may stand in addresses and commands as it is. */
export const plainPath = /^(\/[A-Za-z0-9._-]+){1,20}$/;

export const sessionProtocol = 'berth';
export const ticketProtocolPrefix = 'berth.ticket.';

/** The first byte of a session's binary message. */
export const channel = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** Of the answer to an upgrade on `/ssh`: the public half of the workspace's host key, `ssh-ed25519 AAAA…`. */
export const hostKeyHeader = 'berth-host-key';

/** The end of one direction of a byte session (`ssh`, `port`), while the other goes on. */
export const eofMessage = '{"type":"eof"}';

/** The reason in a close frame of a WebSocket, which has 125 bytes at the most, two of them the code. */
export const closeReason = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 123);

/** What a WebSocket ping of the gateway says (else it is the milliseconds to the next) when the agent is to connect anew. */
export const elsewherePing = 'elsewhere';
