import type { ChildProcess } from 'node:child_process';
import type { ServerChannel } from 'ssh2';
import { sendSignal } from '../processes/process-table.ts';
import { sshProgram } from '../processes/shell.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { ChannelOutput } from './output.ts';
import type { RunningProgram } from './running-program.ts';

const reportEnd = (child: ChildProcess, channel: ServerChannel, output: ChannelOutput): void => {
  const sent = [child.stdout, child.stderr].map(
    (stream, index) => stream && output.sendAll(stream, index === 0 ? 'stdout' : 'stderr'),
  );
  child.once('exit', (code, signal) => output.exit(code ?? 0, signal));
  // Like OpenSSH's server, waits until background processes have closed the output as well.
  const closed = new Promise((resolve) => child.once('close', resolve));
  Promise.all([closed, ...sent]).then(
    () => output.end(),
    // The streams were destroyed because the client disconnected.
    () => channel.close(),
  );
};

/** Runs a command or the login shell without a terminal, with three binary streams. */
export const runCommand = (
  channel: ServerChannel,
  command: string | undefined,
  context: SessionContext,
): RunningProgram => {
  const { home, processes, activity } = context;
  const { file, args, env } = sshProgram(command, { ...context, onTerminal: false });
  const child = processes.spawn(file, args, { cwd: home, env, stdio: 'pipe' });
  const output = new ChannelOutput(channel);
  child.once('error', (error) => {
    void output.send(Buffer.from(`${file} could not be run in the workspace: ${error.message}.\n`), 'stderr');
    output.exit(127);
  });
  if (child.stdin !== null) {
    // A command may end before it read all of its input.
    child.stdin.on('error', () => child.stdin?.destroy());
    channel.on('data', (bytes: Buffer) => activity.recordMessage(`ssh ${child.pid}`, bytes));
    channel.pipe(child.stdin);
  }
  reportEnd(child, channel, output);
  return {
    signal: (signal) => child.pid !== undefined && processes.signalGroup(child.pid, signal),
    resize: () => undefined,
    hangUp: () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      const running = child.exitCode === null && child.signalCode === null;
      // Background processes keep running, as under sshd: editors leave their servers running to reconnect.
      if (child.pid !== undefined && running) sendSignal(child.pid, 'SIGHUP');
    },
  };
};
