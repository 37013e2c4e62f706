import { once } from 'node:events';
import { WebSocket } from 'ws';
import { sanitizeLine } from '../../../base/sanitize.ts';
import { channel } from '../../../contracts/agent/wire.ts';
import { SessionReply, type SessionRequest, sessionPath } from '../../../contracts/sessions/session.ts';
import { CliError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { connect, type Options } from '../../server/connect.ts';
import { openSession, sessionClosedError, withStartHint } from '../../server/open-session.ts';

const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

const request = (socket: WebSocket, message: SessionRequest): void => socket.send(JSON.stringify(message));

/** Forwards stdin. Each chunk is sent before the next is read, which gives back-pressure. */
const sendInput = async (socket: WebSocket): Promise<void> => {
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    const framed = Buffer.concat([Buffer.of(channel.stdin), chunk]);
    await new Promise<void>((resolve) => socket.send(framed, () => resolve()));
    if (socket.readyState !== WebSocket.OPEN) return;
  }
  request(socket, { type: 'eof' });
};

/** Writes to stdout or stderr, and pauses the session until a full stream has drained. */
const writeOutput = (socket: WebSocket, bytes: Buffer): void => {
  const stream = bytes[0] === channel.stderr ? process.stderr : process.stdout;
  if (stream.write(bytes.subarray(1)) || socket.isPaused) return;
  socket.pause();
  stream.once('drain', () => socket.resume());
};

/** Resolves with the command's exit code. */
const session = async (socket: WebSocket): Promise<number> => {
  let code: number | undefined;
  let failure: string | undefined;
  socket.on('message', (data, isBinary) => {
    const bytes = data as Buffer;
    if (isBinary) return writeOutput(socket, bytes);
    const reply = SessionReply.parse(JSON.parse(bytes.toString('utf8')));
    if (reply.type === 'exit') code = reply.code;
    if (reply.type === 'error') failure = sanitizeLine(reply.message);
  });
  socket.resume();
  const [closed, reason] = await once(socket, 'close');
  if (code !== undefined) {
    if (failure !== undefined) process.stderr.write(`berth: ${failure}\n`);
    return code;
  }
  throw failure === undefined
    ? sessionClosedError(closed, reason)
    : new CliError('agent_unreachable', failure, exitCodes.failed);
};

/** Runs a command in a workspace with this process's standard streams. Returns the command's exit code. */
export const exec = async (workspace: string, command: string[], options: Options): Promise<number> => {
  const cli = connect(options);
  const path = sessionPath(workspace, 'exec');
  const opened = openSession({ url: cli.url, token: await cli.token(), path });
  const { socket } = await opened.catch((thrown: unknown) => {
    throw withStartHint(thrown, workspace);
  });
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
