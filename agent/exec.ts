import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { SessionRequest } from '../contracts/session.ts';
import { channel } from '../contracts/wire.ts';
import type { ActivityMeter } from './activity.ts';
import type { Environment } from './environment.ts';
import type { Processes } from './processes.ts';
import { Quiet } from './quiet.ts';
import { highWater, lowWater, type SessionEvents, type SessionSocket } from './session-socket.ts';
import { programOf } from './shell.ts';
import { signalExitCode } from './signals.ts';

type Start = Extract<SessionRequest, { type: 'start' }>;

/** Sends a child's output on; the child waits while the connection is behind. */
const forward = (from: Readable, on: number, socket: SessionSocket): void => {
  from.on('data', (bytes: Buffer) => {
    socket.output(on, bytes, () => {
      if (socket.waiting < lowWater) from.resume();
    });
    if (socket.waiting > highWater) from.pause();
  });
};

/** The shell's codes for a command that could not be run: 127 not found, 126 otherwise. */
const notStarted = (error: NodeJS.ErrnoException, command: string): { code: number; message: string } =>
  error.code === 'ENOENT'
    ? { code: 127, message: `${command}: command not found in the workspace. Check its name and the PATH.` }
    : { code: 126, message: `${command} could not be run: ${error.message}.` };

const feed = (child: ChildProcess, bytes: Buffer, socket: SessionSocket): void => {
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

/** Tells how the command ended, behind the last of its output. */
const reportEnd = (child: ChildProcess, command: string, socket: SessionSocket): void => {
  const quiet = new Quiet(() => socket.waiting > 0);
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdout?.on('data', () => quiet.heard());
  child.stderr?.on('data', () => quiet.heard());
  child.once('error', (error) => {
    const { code, message } = notStarted(error, command);
    socket.reply({ type: 'error', message });
    socket.exit(code);
  });
  child.once('exit', (code, signal) => {
    void quiet.wait(closed).then(() => {
      if (signal === null) socket.exit(code ?? 0);
      else socket.exit(signalExitCode(signal), signal);
    });
  });
};

/** Runs a command without a terminal, its three streams apart. Closing the connection ends it and all it started. */
export const exec = (
  start: Start,
  socket: SessionSocket,
  { env, home, processes, activity }: { env: Environment; home: string; processes: Processes; activity: ActivityMeter },
): SessionEvents => {
  const [file, ...args] = programOf(start.command, env);
  const child = processes.spawn(file, args, { cwd: home, env, stdio: 'pipe' });
  const closeConnection = activity.open();
  activity.input();
  // A command that ends before it read its input is no error of ours.
  child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') socket.fail(`The input broke off: ${error.message}.`);
  });
  if (child.stdout !== null) forward(child.stdout, channel.stdout, socket);
  if (child.stderr !== null) forward(child.stderr, channel.stderr, socket);
  if (child.pid !== undefined) socket.reply({ type: 'started', pid: child.pid });
  reportEnd(child, file, socket);
  return {
    stdin: (bytes) => {
      activity.input();
      feed(child, bytes, socket);
    },
    request: (request) => {
      if (request.type === 'eof') child.stdin?.end();
      if (request.type === 'signal' && child.pid !== undefined) processes.signalGroup(child.pid, request.signal);
    },
    closed: () => {
      closeConnection();
      const running = child.exitCode === null && child.signalCode === null;
      if (child.pid !== undefined && running) void processes.endOne(child.pid);
    },
  };
};
