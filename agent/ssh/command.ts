import type { ChildProcess } from 'node:child_process';
import type { ServerChannel } from 'ssh2';
import { sendSignal } from '../process-table.ts';
import { loginShell } from '../shell.ts';
import { Output } from './output.ts';
import type { Running, Started } from './session.ts';

const finish = (child: ChildProcess, channel: ServerChannel, output: Output): void => {
  const sent = [child.stdout, child.stderr].map(
    (stream, index) => stream && output.sendAll(stream, index === 0 ? 'stdout' : 'stderr'),
  );
  child.once('exit', (code, signal) => output.exit(code ?? 0, signal));
  // As with OpenSSH's server, what a background process still writes is waited for.
  const closed = new Promise((resolve) => child.once('close', resolve));
  Promise.all([closed, ...sent]).then(
    () => output.end(),
    // Its streams are destroyed when the client is gone.
    () => channel.close(),
  );
};

/** Runs a command, or the login shell, without a terminal: three streams, binary as they are. */
export const runCommand = (channel: ServerChannel, command: string | undefined, started: Started): Running => {
  const { env, home, processes, input } = started;
  const shell = loginShell(env);
  const child = processes.spawn(shell, command === undefined ? ['-l'] : ['-c', command], {
    cwd: home,
    env,
    stdio: 'pipe',
  });
  const output = new Output(channel);
  child.once('error', (error) => {
    void output.send(Buffer.from(`${shell} could not be run in the workspace: ${error.message}.\n`), 'stderr');
    output.exit(127);
  });
  if (child.stdin !== null) {
    // A command that ends before it read its input is no error.
    child.stdin.on('error', () => child.stdin?.destroy());
    channel.on('data', input);
    channel.pipe(child.stdin);
  }
  finish(child, channel, output);
  return {
    signal: (signal) => child.pid !== undefined && processes.signalGroup(child.pid, signal),
    resize: () => undefined,
    hangUp: () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      const running = child.exitCode === null && child.signalCode === null;
      // What it put into the background lives on, as under an sshd: editors leave their servers there to come back to.
      if (child.pid !== undefined && running) sendSignal(child.pid, 'SIGHUP');
    },
  };
};
