import type { ChildProcess } from 'node:child_process';
import type { Environment } from './environment.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { Processes } from './processes.ts';

const quietMs = 100;
const patienceMs = 1_000;

/**
 * Resolves when an ended child's output is read: its pipes closed, or fell silent for 100 ms (for 1 s at the most),
 * because a background process may hold them open for ever. To be called when the child exits.
 */
export const outputRead = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    let quiet = setTimeout(done, quietMs);
    const patience = setTimeout(done, patienceMs);
    const again = () => {
      clearTimeout(quiet);
      quiet = setTimeout(done, quietMs);
    };
    function done(): void {
      clearTimeout(quiet);
      clearTimeout(patience);
      child.stdout?.off('data', again);
      child.stderr?.off('data', again);
      child.off('close', done);
      resolve();
    }
    child.stdout?.on('data', again);
    child.stderr?.on('data', again);
    child.once('close', done);
  });

export interface Command {
  file: string;
  args: readonly string[];
  cwd: string;
  env: Environment;
  /** After this many milliseconds the command and all it started are killed. */
  timeoutMs: number;
}

export type Outcome =
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  | { kind: 'timeout' }
  | { kind: 'not_started'; error: Error };

/** Runs a command to its end, its output going to the log. What it leaves in the background lives on. */
export const runLogged = (processes: Processes, command: Command, log: LogBuffer): Promise<Outcome> => {
  const { file, args, cwd, env } = command;
  const child = processes.spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout?.on('data', log.writer());
  child.stderr?.on('data', log.writer());
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) processes.kill(child.pid);
  }, command.timeoutMs);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'not_started', error });
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const ended: Outcome = code === null ? { kind: 'signalled', signal: String(signal) } : { kind: 'exited', code };
      void outputRead(child).then(() => resolve(timedOut ? { kind: 'timeout' } : ended));
    });
  });
};
