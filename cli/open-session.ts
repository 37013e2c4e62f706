import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { ApiError } from '../contracts/calls.ts';
import { hostKeyHeader } from '../contracts/wire.ts';
import { unreachable } from './address.ts';
import { exitCodes } from './exit-codes.ts';
import { CliError } from './failure.ts';
import { harmless } from './harmless.ts';

/** Refusals are problems of some hundred bytes; no more is read of anything else that answers. */
const refusalLimit = 64 * 1024;

const bodyOf = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    if (Buffer.concat(parts).length > refusalLimit) break;
  }
  return Buffer.concat(parts).toString('utf8');
};

/** The problem in the answer; none in that of anything else than Berth, or in one that broke off. */
const problemIn = async (response: IncomingMessage) => {
  const { Problem } = await import('../contracts/errors.ts');
  try {
    return Problem.safeParse(JSON.parse(await bodyOf(response))).data;
  } catch {
    return undefined;
  }
};

const refusalOf = async (response: IncomingMessage): Promise<Error> => {
  const problem = await problemIn(response);
  if (problem !== undefined) return new ApiError(problem);
  const message = `The gateway refused the session with status ${response.statusCode}. Is BERTH_URL right?`;
  return new CliError('internal', message, exitCodes.failed);
};

/** Without a sign of life for so long the system asks for one: a network that is lost says nothing. */
const keepAliveMs = 15_000;

export interface Session {
  /** Paused, so that nothing is missed; to be resumed by who has its listeners in place. */
  socket: WebSocket;
  /** What the gateway says is the host key of the workspace's SSH server; told of sessions of that kind. */
  hostKey: string | undefined;
}

export interface Where {
  url: string;
  token: string;
  /** As contracts/session.ts writes it. */
  path: string;
  /** How long the answer may take: some that take a connection never give one. */
  answerMs?: number;
}

/** Opens a session; throws what the gateway said when it refused. */
export const openSession = ({ url, token, path, answerMs = 30_000 }: Where): Promise<Session> => {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: answerMs,
    // Masks are against proxies that take a message for a request; the bytes of a session are encrypted or a person's
    // own, and a mask of zeros saves the pass over them.
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
    socket.once('unexpected-response', (_request, response) => refusalOf(response).then(reject, reject));
    socket.on('error', () => reject(unreachable(url)));
  });
};

/** A refusal because the workspace does not run, with the command that starts it; anything else as it is. */
export const sayingHowToStart = (thrown: unknown, workspace: string): unknown =>
  thrown instanceof ApiError && thrown.error === 'wrong_state'
    ? new CliError('wrong_state', `${thrown.message} For that: berth start ${workspace} --wait`, exitCodes.failed)
    : thrown;

/** Why a session ended that its own end did not tell: in the words of who ended it. */
export const brokenOff = (_code: number, reason: Buffer): CliError =>
  new CliError(
    'agent_unreachable',
    reason.length > 0
      ? harmless(reason.toString('utf8'))
      : 'The connection to the workspace broke off. Is it still running? See "berth ls".',
    exitCodes.failed,
  );
