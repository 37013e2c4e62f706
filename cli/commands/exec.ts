import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { ApiError } from '../../contracts/client.ts';
import { Problem } from '../../contracts/errors.ts';
import { SessionReply, type SessionRequest, sessionPath } from '../../contracts/session.ts';
import { channel } from '../../contracts/wire.ts';
import { connect, type Options, unreachable } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { CliError } from '../failure.ts';
import { harmless } from '../harmless.ts';

const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Refusals are problems of some hundred bytes; no more is read of anything else that answers. */
const refusalLimit = 64 * 1024;

const refusalOf = async (response: IncomingMessage): Promise<Error> => {
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    if (Buffer.concat(parts).length > refusalLimit) break;
  }
  const text = Buffer.concat(parts).toString('utf8');
  const read = text.startsWith('{') ? Problem.safeParse(JSON.parse(text)) : undefined;
  if (read?.success) return new ApiError(read.data);
  const message = `The gateway refused the session with status ${response.statusCode}. Is BERTH_URL right?`;
  return new CliError('internal', message, exitCodes.failed);
};

/** An open session; throws what the gateway said when it refused. */
const open = async (url: string, address: string, token: string): Promise<WebSocket> => {
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, response) => refusalOf(response).then(reject, reject));
    socket.on('error', () => reject(unreachable(url)));
  });
};

const request = (socket: WebSocket, message: SessionRequest): void => socket.send(JSON.stringify(message));

/** Sends stdin on, each piece once the one before has left. */
const sendInput = async (socket: WebSocket): Promise<void> => {
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    const framed = Buffer.concat([Buffer.of(channel.stdin), piece]);
    await new Promise<void>((resolve) => socket.send(framed, () => resolve()));
    if (socket.readyState !== WebSocket.OPEN) return;
  }
  request(socket, { type: 'eof' });
};

/** Writes to stdout or stderr; the session waits while they are behind. */
const writeOutput = (socket: WebSocket, bytes: Buffer): void => {
  const stream = bytes[0] === channel.stderr ? process.stderr : process.stdout;
  if (stream.write(bytes.subarray(1)) || socket.isPaused) return;
  socket.pause();
  stream.once('drain', () => socket.resume());
};

/** Resolves with the command's own code when it has ended. */
const session = async (socket: WebSocket): Promise<number> => {
  let code: number | undefined;
  let failure: string | undefined;
  socket.on('message', (data, isBinary) => {
    const bytes = data as Buffer;
    if (isBinary) return writeOutput(socket, bytes);
    const reply = SessionReply.parse(JSON.parse(bytes.toString('utf8')));
    if (reply.type === 'exit') code = reply.code;
    if (reply.type === 'error') failure = harmless(reply.message);
  });
  await once(socket, 'close');
  if (code !== undefined) {
    if (failure !== undefined) process.stderr.write(`berth: ${failure}\n`);
    return code;
  }
  const message = failure ?? 'The connection to the workspace broke off. Is it still running? See "berth ls".';
  throw new CliError('agent_unreachable', message, exitCodes.failed);
};

/** Runs a command in a workspace with this terminal's streams; answers the command's exit code. */
export const exec = async (workspace: string, command: string[], options: Options): Promise<number> => {
  const cli = connect(options);
  const address = cli.url.replace(/^http/, 'ws') + sessionPath(workspace, 'exec');
  const socket = await open(cli.url, address, cli.token);
  for (const signal of forwardedSignals) process.on(signal, () => request(socket, { type: 'signal', signal }));
  request(socket, { type: 'start', command });
  const ended = session(socket);
  const input = sendInput(socket);
  try {
    return await Promise.race([ended, input.then(() => ended)]);
  } finally {
    process.stdin.destroy();
  }
};
