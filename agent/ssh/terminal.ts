import type { PseudoTtyInfo, ServerChannel } from 'ssh2';
import { loadPty, resizePty } from '../processes/pty.ts';
import { PtyInput } from '../processes/pty-input.ts';
import { sshProgram } from '../processes/shell.ts';
import { signalName } from '../processes/signals.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { ChannelOutput } from './output.ts';
import type { RunningProgram } from './running-program.ts';

export interface TerminalRequest extends Pick<PseudoTtyInfo, 'term' | 'cols' | 'rows'> {
  /** Arguments of stty, which is run first. */
  stty: readonly string[];
}

/** Applies the client's terminal modes, sets SSH_TTY, and replaces itself with the program. */
const setUpScript =
  'set -f; stty $1 2>/dev/null; shift; SSH_TTY=$(tty 2>/dev/null) && export SSH_TTY; set +f; exec "$@"';

const maxSize = 1_000;
const clampSize = (requested: number, fallback: number): number =>
  requested === 0 ? fallback : Math.min(requested, maxSize);

/** Runs a command or the login shell on a new PTY. */
export const runTerminal = (
  channel: ServerChannel,
  command: string | undefined,
  { term, cols, rows, stty }: TerminalRequest,
  context: SessionContext,
): RunningProgram => {
  const { home, processes, activity } = context;
  const { file, args, env } = sshProgram(command, { ...context, onTerminal: true });
  const pty = loadPty().spawn('/bin/sh', ['-c', setUpScript, 'sh', stty.join(' '), file, ...args], {
    name: term,
    cols: clampSize(cols, 80),
    rows: clampSize(rows, 24),
    cwd: home,
    env: { ...env, TERM: term },
    encoding: null,
  });
  processes.adopt(pty.pid);
  const output = new ChannelOutput(channel);
  let ended = false;
  pty.onData((bytes) => {
    pty.pause();
    void output.send(bytes).then(() => pty.resume());
  });
  const input = new PtyInput(pty, () => channel.resume());
  channel.on('data', (bytes: Buffer) => {
    activity.recordTerminalInput(bytes);
    input.write(bytes);
    if (input.hasPending) channel.pause();
  });
  pty.onExit(({ exitCode, signal }) => {
    ended = true;
    input.close();
    processes.leaderExited(pty.pid);
    output.exit(exitCode, signalName(signal));
    output.end();
  });
  return {
    signal: (signal) => processes.signalGroup(pty.pid, signal),
    resize: (to) => {
      if (!ended) resizePty(pty, clampSize(to.cols, 80), clampSize(to.rows, 24));
    },
    // The kernel sends a SIGHUP to the programs of a closed terminal.
    hangUp: () => {
      if (ended) return;
      input.close();
      pty.destroy();
    },
  };
};
