import * as z from 'zod';

/**
 * The ways into a workspace beside its apps. `terminal`: a PTY; `exec`: a command; `ssh`: the bytes of an SSH connection;
 * `port`: those of a TCP connection to a port of the workspace's loopback.
 */
export const SessionKind = z.enum(['terminal', 'exec', 'ssh', 'port']);
export type SessionKind = z.infer<typeof SessionKind>;

/**
 * Terminal and exec, over one WebSocket each, from browser or CLI through the gateway to the agent.
 *
 * At the gateway: `GET /gateway/workspaces/<id or own name>/terminal|exec` upgrades. A CLI signs in by `Authorization: Bearer`;
 * a browser, which cannot set headers, offers two subprotocols: `berth` and `berth.ticket.<ticket>`; the gateway answers `berth`.
 *
 * Binary messages carry bytes, the first byte says which stream. Text messages carry JSON: `SessionRequest` from
 * the client, `SessionReply` from the agent. The client's first message is `start`.
 */
export const sessionPath = (workspace: string, kind: Exclude<SessionKind, 'port'> | `port/${number}`): string =>
  `/gateway/workspaces/${encodeURIComponent(workspace)}/${kind}`;
export { channel, sessionProtocol, ticketProtocolPrefix } from './wire.ts';

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
