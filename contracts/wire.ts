/** The plain constants of tunnel and sessions. They lie apart from the schemas so that the agent can use them without loading zod, which would cost it 6 MB. */
export const agentPath = '/agent';
export const signOnPath = '/agent/sign-on';
export const appAuthority = (app: string): string => `app.${app}`;
export const sessionAuthority = 'session';

/** Largest text of one log event, in characters. */
export const logChunkLimit = 16_384;

export const sessionProtocol = 'berth';
export const ticketProtocolPrefix = 'berth.ticket.';

/** The first byte of a session's binary message. */
export const channel = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** What a WebSocket ping of the gateway says (else it is the milliseconds to the next) when the agent is to connect anew. */
export const elsewherePing = 'elsewhere';
