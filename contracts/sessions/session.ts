import * as z from 'zod';

/**
 * Connections into a workspace other than to its apps. `terminal`: a PTY; `exec`: a command; `ssh`: the bytes of an SSH
 * connection; `port`: those of a TCP connection to a port of the workspace's loopback interface; `ports`: the ports
 * that the workspace's processes listen on, updated while the session is open.
 */
export const SessionKind = z.enum(['terminal', 'exec', 'ssh', 'port', 'ports']);
export type SessionKind = z.infer<typeof SessionKind>;

/**
 * Each session is one WebSocket from a browser or the CLI through the gateway to the agent.
 *
 * At the gateway, `GET /gateway/workspaces/<id or own name>/terminal|exec|ssh|port/<n>|ports` upgrades. A CLI
 * authenticates by `Authorization: Bearer`; a browser, which cannot set headers, offers two subprotocols: `berth` and
 * `berth.ticket.<ticket>`, of which the gateway selects `berth`. Close codes: 1008 by the gateway when access was
 * revoked, 1012 by the gateway when it restarts, 1011 by the agent when the session could not be opened. The close
 * reason explains it.
 *
 * `ssh` and `port/<n>` (1 to 65535) carry bytes in binary messages. The text message `eofMessage` ends one direction
 * while the other stays open. The response of `ssh` has the workspace's host key in the header `hostKeyHeader`.
 *
 * `ports`: the agent sends a `ListeningPorts` immediately and after every change; the client sends nothing.
 *
 * `terminal` and `exec`: binary messages carry bytes, the first byte names the stream (`channel`). Text messages carry
 * JSON: `SessionRequest` from the client, `SessionReply` from the agent. The client's first message is `start`.
 *
 * Several clients may show one `terminal`. Its size fits the client that typed or got the focus last: `started`
 * contains it and `size` each change, in order with the bytes written before and after. The first bytes draw the
 * current screen. The agent replies to the queries that programs send to a terminal (DA, DSR, DECRQSS, colors …); a
 * client must not reply to them, and sends only typed or pasted input. Older agents, whose `started` has no size, send
 * the past output and leave the queries to the client.
 */
export { channel, hostKeyHeader, sessionPath, sessionProtocol, ticketProtocolPrefix } from '../agent/wire.ts';

const size = { columns: z.int().min(1).max(1_000), rows: z.int().min(1).max(1_000) };

export const SessionRequest = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    command: z.array(z.string().max(131_072)).max(1_000).optional().meta({ description: 'Default: the login shell' }),
    columns: size.columns.optional(),
    rows: size.rows.optional(),
    terminal: z
      .string()
      .max(60)
      .optional()
      .meta({ description: 'Name of the terminal to resume or create; only for /terminal' }),
  }),
  z.strictObject({ type: z.literal('resize'), ...size }).meta({ description: 'The size that fits the viewer' }),
  z.strictObject({ type: z.literal('focus'), focused: z.boolean() }).meta({
    description: 'Whether the terminal has the focus; the agent reports it to programs that enabled mode 1004',
  }),
  z.strictObject({ type: z.literal('eof') }).meta({ description: 'End of stdin' }),
  z.strictObject({ type: z.literal('signal'), signal: z.enum(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL']) }),
]);
export type SessionRequest = z.infer<typeof SessionRequest>;

export const ListeningPorts = z.object({ type: z.literal('ports'), ports: z.array(z.int().min(1).max(65_535)) });
export type ListeningPorts = z.infer<typeof ListeningPorts>;

export const SessionReply = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    pid: z.int(),
    columns: z
      .int()
      .optional()
      .meta({ description: 'Present, with `rows`, when the agent answers the terminal’s queries' }),
    rows: z.int().optional(),
  }),
  z.object({ type: z.literal('size'), columns: z.int(), rows: z.int() }),
  z.object({ type: z.literal('exit'), code: z.int(), signal: z.string().optional() }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);
export type SessionReply = z.infer<typeof SessionReply>;
