import type { PseudoTtyInfo, ServerChannel } from 'ssh2';
import { loadPty, resizePty } from '../pty.ts';
import { loginShell } from '../shell.ts';
import { signalName } from '../signals.ts';
import { Output } from './output.ts';
import type { Running, Started } from './session.ts';

export interface TerminalRequest extends Pick<PseudoTtyInfo, 'term' | 'cols' | 'rows'> {
  /** What stty is to set first. */
  stty: readonly string[];
}

/** Sets the terminal up as the client wants it, says where it is, and becomes the program. */
const setUp = 'set -f; stty $1 2>/dev/null; shift; SSH_TTY=$(tty 2>/dev/null) && export SSH_TTY; set +f; exec "$@"';

const most = 1_000;
const size = (asked: number, usual: number): number => (asked === 0 ? usual : Math.min(asked, most));

/** Runs a command, or the login shell, on a terminal of its own. */
export const runTerminal = (
  channel: ServerChannel,
  command: string | undefined,
  { term, cols, rows, stty }: TerminalRequest,
  { env, home, processes, input }: Started,
): Running => {
  const shell = loginShell(env);
  const program = command === undefined ? [shell, '-l'] : [shell, '-c', command];
  const pty = loadPty().spawn('/bin/sh', ['-c', setUp, 'sh', stty.join(' '), ...program], {
    name: term,
    cols: size(cols, 80),
    rows: size(rows, 24),
    cwd: home,
    env: { ...env, TERM: term },
    encoding: null,
  });
  processes.adopt(pty.pid);
  const output = new Output(channel);
  let ended = false;
  pty.onData((bytes) => {
    pty.pause();
    void output.send(bytes).then(() => pty.resume());
  });
  channel.on('data', (bytes: Buffer) => {
    input();
    if (!ended) pty.write(bytes);
    if (!pty._socket.writableNeedDrain) return;
    channel.pause();
    pty._socket.once('drain', () => channel.resume());
  });
  pty.onExit(({ exitCode, signal }) => {
    ended = true;
    processes.exited(pty.pid);
    output.exit(exitCode, signalName(signal));
    output.end();
  });
  return {
    signal: (signal) => processes.signalGroup(pty.pid, signal),
    resize: (to) => {
      if (!ended) resizePty(pty, size(to.cols, 80), size(to.rows, 24));
    },
    // The terminal is gone for what runs on it, which the kernel tells by a hang-up.
    hangUp: () => {
      if (!ended) pty.destroy();
    },
  };
};
