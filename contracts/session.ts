import * as z from 'zod';

/**
 * The ways into a workspace beside its apps. `terminal`: a PTY; `exec`: a command; `ssh`: the bytes of an SSH connection;
 * `port`: those of a TCP connection to a port of the workspace's loopback.
 */
export const SessionKind = z.enum(['terminal', 'exec', 'ssh', 'port']);
export type SessionKind = z.infer<typeof SessionKind>;

/**
 * Sessions, over one WebSocket each, from browser or CLI through the gateway to the agent, which ends it.
 *
 * At the gateway: `GET /gateway/workspaces/<id or own name>/terminal|exec|ssh|port/<n>` upgrades. A CLI signs in by
 * `Authorization: Bearer`; a browser, which cannot set headers, offers two subprotocols: `berth` and
 * `berth.ticket.<ticket>`; the gateway answers `berth`. A session that is ended by somebody's word closes with the reason:
 * by the gateway 1008 (the right is gone) or 1012 (it restarts), by the agent 1011 (it could not be).
 *
 * `ssh` and `port/<n>` (1 to 65535) carry bytes as they are, in binary messages; the text message `eofMessage` ends one
 * direction while the other goes on. The answer of `ssh` has the workspace's host key in its header `hostKeyHeader`.
 *
 * `terminal` and `exec`: binary messages carry bytes, the first byte says which stream. Text messages carry JSON: `SessionRequest` from
 * the client, `SessionReply` from the agent. The client's first message is `start`.
 */
export { channel, hostKeyHeader, sessionPath, sessionProtocol, ticketProtocolPrefix } from './wire.ts';

const size = { columns: z.int().min(1).max(1_000), rows: z.int().min(1).max(1_000) };

export const SessionRequest = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    command: z.array(z.string().max(131_072)).max(1_000).optional().meta({ description: 'Left out, the login shell' }),
    columns: size.columns.optional(),
    rows: size.rows.optional(),
    terminal: z
      .string()
      .max(60)
      .optional()
      .meta({ description: 'Name of a terminal to resume or make; only for /terminal' }),
  }),
  z.strictObject({ type: z.literal('resize'), ...size }),
  z.strictObject({ type: z.literal('eof') }).meta({ description: 'End of stdin' }),
  z.strictObject({ type: z.literal('signal'), signal: z.enum(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL']) }),
]);
export type SessionRequest = z.infer<typeof SessionRequest>;

export const SessionReply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), pid: z.int() }),
  z.object({ type: z.literal('exit'), code: z.int(), signal: z.string().optional() }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);
export type SessionReply = z.infer<typeof SessionReply>;
