import type { ChildProcess } from 'node:child_process';
import type { Environment } from './environment.ts';
import type { LogBuffer } from './log-buffer.ts';
import { outputPipe } from './output-pipe.ts';
import type { Processes } from './processes.ts';
import { Quiet } from './quiet.ts';

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

const ended = (child: ChildProcess): Promise<Outcome> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not_started', error }));
    child.once('exit', (code, signal) =>
      resolve(code === null ? { kind: 'signalled', signal: String(signal) } : { kind: 'exited', code }),
    );
  });

/** Runs a command to its end, its output going to the log. What it leaves in the background lives on. */
export const runLogged = async (processes: Processes, command: Command, log: LogBuffer): Promise<Outcome> => {
  const { file, args, cwd, env } = command;
  const quiet = new Quiet();
  const write = log.writer();
  const { writeEnd, closed } = await outputPipe((bytes) => {
    quiet.heard();
    write(bytes);
  });
  const child = processes.spawn(file, args, { cwd, env, stdio: ['ignore', writeEnd, writeEnd] });
  writeEnd.destroy();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) processes.kill(child.pid);
  }, command.timeoutMs);
  const outcome = await ended(child);
  clearTimeout(timer);
  await quiet.wait(closed);
  return timedOut ? { kind: 'timeout' } : outcome;
};
