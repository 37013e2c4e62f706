import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { channel } from '../../contracts/agent/wire.ts';
import type { SessionRequest } from '../../contracts/sessions/session.ts';
import { OutputDrain } from '../processes/output-drain.ts';
import { sessionProgram } from '../processes/shell.ts';
import { signalExitCode } from '../processes/signals.ts';
import type { SessionContext } from './session-context.ts';
import { highWater, lowWater, type SessionEvents, type SessionSocket } from './session-socket.ts';

type Start = Extract<SessionRequest, { type: 'start' }>;

/** Forwards the output of a child, pausing it while the client is behind. */
const forwardOutput = (from: Readable, channelNumber: number, socket: SessionSocket): void => {
  from.on('data', (bytes: Buffer) => {
    socket.output(channelNumber, bytes, () => {
      if (socket.bufferedBytes < lowWater) from.resume();
    });
    if (socket.bufferedBytes > highWater) from.pause();
  });
};

/** The exit codes that shells use: 127 for a command that was not found, 126 for one that could not be run. */
const describeStartError = (error: NodeJS.ErrnoException, command: string): { code: number; message: string } =>
  error.code === 'ENOENT'
    ? { code: 127, message: `${command}: command not found in the workspace. Check its name and the PATH.` }
    : { code: 126, message: `${command} could not be run: ${error.message}.` };

const writeInput = (child: ChildProcess, bytes: Buffer, socket: SessionSocket): void => {
  const { stdin } = child;
  if (stdin === null || stdin.destroyed || stdin.writableEnded || stdin.write(bytes)) return;
  socket.pause();
  const more = () => {
    stdin.off('drain', more);
    stdin.off('close', more);
    socket.resume();
  };
  stdin.on('drain', more);
  stdin.on('close', more);
};

/** Reports how the command ended, after the last of its output. */
const reportEnd = (child: ChildProcess, command: string, socket: SessionSocket): void => {
  const drain = new OutputDrain(() => socket.bufferedBytes > 0);
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdout?.on('data', () => drain.recordOutput());
  child.stderr?.on('data', () => drain.recordOutput());
  child.once('error', (error) => {
    const { code, message } = describeStartError(error, command);
    socket.reply({ type: 'error', message });
    socket.exit(code);
  });
  child.once('exit', (code, signal) => {
    void drain.wait(closed).then(() => {
      if (signal === null) socket.exit(code ?? 0);
      else socket.exit(signalExitCode(signal), signal);
    });
  });
};

/** Runs a command without a terminal, with separate streams. Closing the connection ends it and its whole session. */
export const startExec = (start: Start, socket: SessionSocket, context: SessionContext): SessionEvents => {
  const { home, processes, activity } = context;
  const { file, args, env } = sessionProgram(start.command, { ...context, onTerminal: false });
  const child = processes.spawn(file, args, { cwd: home, env, stdio: 'pipe' });
  const closeConnection = activity.countConnection();
  activity.recordInput();
  // A command may end before it read all of its input.
  child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET')
      socket.fail(`Input could not be sent to the command: ${error.message}.`);
  });
  if (child.stdout !== null) forwardOutput(child.stdout, channel.stdout, socket);
  if (child.stderr !== null) forwardOutput(child.stderr, channel.stderr, socket);
  if (child.pid !== undefined) socket.reply({ type: 'started', pid: child.pid });
  reportEnd(child, file, socket);
  return {
    stdin: (bytes) => {
      activity.recordInput();
      writeInput(child, bytes, socket);
    },
    request: (request) => {
      if (request.type === 'eof') child.stdin?.end();
      if (request.type === 'signal' && child.pid !== undefined) processes.signalGroup(child.pid, request.signal);
    },
    closed: () => {
      closeConnection();
      const running = child.exitCode === null && child.signalCode === null;
      if (child.pid !== undefined && running) void processes.endSession(child.pid);
    },
  };
};
