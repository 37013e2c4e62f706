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

const duration = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;

const notStarted = (error: NodeJS.ErrnoException): string =>
  error.code === 'ENOENT' ? 'there is none in the workspace' : error.message;

/** How a command failed, as a sentence about `what`; `undefined` when it did not. */
export const failureOf = (
  what: string,
  outcome: Outcome,
  { timeoutMs, lastLine }: { timeoutMs: number; lastLine: string },
): string | undefined => {
  const said = lastLine === '' ? '' : ` Its last line: ${lastLine}`;
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? undefined : `${what} ended with exit code ${outcome.code}.${said}`;
    case 'signalled':
      return `${what} was ended by ${outcome.signal}.${said}`;
    case 'timeout':
      return `${what} did not end within ${duration(timeoutMs)} and was killed.${said}`;
    case 'not_started':
      return `${what} could not be run: ${notStarted(outcome.error)}.`;
  }
};

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
