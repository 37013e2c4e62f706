import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { sanitizeLine } from '../../base/sanitize.ts';
import { hostKeyHeader } from '../../contracts/agent/wire.ts';
import { ApiError } from '../../contracts/client/calls.ts';
import { CliError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { webSocketOptions } from '../io/network.ts';
import { unreachableError } from './address.ts';

/** Berth's problem responses have a few hundred bytes. The limit is for responses of other servers, such as a proxy. */
const refusalLimit = 64 * 1024;

const bodyOf = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    if (Buffer.concat(parts).length > refusalLimit) break;
  }
  return Buffer.concat(parts).toString('utf8');
};

/** The problem in the response, or `undefined` if the response is not Berth's or is incomplete. */
const problemIn = async (response: IncomingMessage) => {
  const { Problem } = await import('../../contracts/errors/problem.ts');
  try {
    return Problem.safeParse(JSON.parse(await bodyOf(response))).data;
  } catch {
    return undefined;
  }
};

const refusalError = async (response: IncomingMessage): Promise<Error> => {
  const problem = await problemIn(response);
  if (problem !== undefined) return new ApiError(problem);
  const message = `The gateway refused the session with status ${response.statusCode}. Check BERTH_URL.`;
  return new CliError('internal', message, exitCodes.failed);
};

/** The idle time before TCP keep-alive probes, because a lost network does not close the connection. */
const keepAliveMs = 15_000;

export interface Session {
  /** Paused so that no message is lost. The caller resumes it after adding its listeners. */
  socket: WebSocket;
  /** The host key of the workspace's SSH server, which the gateway sends for SSH sessions only. */
  hostKey: string | undefined;
}

interface SessionTarget {
  url: string;
  token: string;
  /** The path from `sessionPath` in contracts/agent/wire.ts. */
  path: string;
  /** The timeout of the response, because a server can accept the connection and never respond. */
  timeoutMs?: number;
}

/** Opens a session. Throws the gateway's error if the gateway refuses it. */
export const openSession = async ({ url, token, path, timeoutMs = 30_000 }: SessionTarget): Promise<Session> => {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, {
    ...(await webSocketOptions(url)),
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: timeoutMs,
    // Masking keeps proxies from interpreting a message as a request (RFC 6455, section 10.3). A session's bytes are
    // encrypted or the user's own, so a mask of zeros is safe, and it saves a pass over the data.
    generateMask: (mask) => mask.fill(0),
  });
  return new Promise((resolve, reject) => {
    let hostKey: string | undefined;
    socket.once('upgrade', ({ headers, socket: connection }) => {
      hostKey = headers[hostKeyHeader]?.toString();
      connection.setKeepAlive(true, keepAliveMs);
    });
    socket.once('open', () => {
      socket.pause();
      resolve({ socket, hostKey });
    });
    socket.once('unexpected-response', (_request, response) => refusalError(response).then(reject, reject));
    socket.on('error', () => reject(unreachableError(url)));
  });
};

/** Adds the start command to the error of a workspace that is not running. Returns any other error unchanged. */
export const withStartHint = (thrown: unknown, workspace: string): unknown =>
  thrown instanceof ApiError && thrown.error === 'wrong_state'
    ? new CliError('wrong_state', `${thrown.message} Run: berth start ${workspace} --wait`, exitCodes.failed)
    : thrown;

/** The error for a session that ended without a result, with the close reason that the other side gave. */
export const sessionClosedError = (_code: number, reason: Buffer): CliError =>
  new CliError(
    'agent_unreachable',
    reason.length > 0
      ? sanitizeLine(reason.toString('utf8'))
      : 'The connection to the workspace was lost. Check that it is running with: berth ls',
    exitCodes.failed,
  );
