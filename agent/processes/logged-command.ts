import type { ChildProcess } from 'node:child_process';
import type { Environment } from './environment.ts';
import type { LogBuffer } from './log-buffer.ts';
import { OutputDrain } from './output-drain.ts';
import { openOutputPipe } from './output-pipe.ts';
import type { Processes } from './processes.ts';

interface Command {
  file: string;
  args: readonly string[];
  cwd: string;
  env: Environment;
  /** After this time the command and its session are killed. */
  timeoutMs: number;
}

export type CommandOutcome =
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  | { kind: 'timeout' }
  | { kind: 'not_started'; error: Error };

const formatDuration = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)}s` : `${Math.round(ms / 60_000)}m`;

const describeStartError = (error: NodeJS.ErrnoException): string =>
  error.code === 'ENOENT' ? 'it is not installed in the workspace' : error.message;

/** Describes how a command failed, as a sentence about `what`; `undefined` when it succeeded. */
export const describeFailure = (
  what: string,
  outcome: CommandOutcome,
  { timeoutMs, lastLine }: { timeoutMs: number; lastLine: string },
): string | undefined => {
  const detail = lastLine === '' ? '' : ` Its last line: ${lastLine}`;
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? undefined : `${what} ended with exit code ${outcome.code}.${detail}`;
    case 'signalled':
      return `${what} was ended by ${outcome.signal}.${detail}`;
    case 'timeout':
      return `${what} did not end within ${formatDuration(timeoutMs)} and was killed.${detail}`;
    case 'not_started':
      return `${what} could not be run: ${describeStartError(outcome.error)}.`;
  }
};

const waitForExit = (child: ChildProcess): Promise<CommandOutcome> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not_started', error }));
    child.once('exit', (code, signal) =>
      resolve(code === null ? { kind: 'signalled', signal: String(signal) } : { kind: 'exited', code }),
    );
  });

/** Runs a command until it exits, with its output in the log. Background processes that it started keep running. */
export const runLoggedCommand = async (
  processes: Processes,
  command: Command,
  log: LogBuffer,
): Promise<CommandOutcome> => {
  const { file, args, cwd, env } = command;
  const drain = new OutputDrain();
  const write = log.writer();
  const { writeEnd, closed } = await openOutputPipe((bytes) => {
    drain.recordOutput();
    write(bytes);
  });
  const child = processes.spawn(file, args, { cwd, env, stdio: ['ignore', writeEnd, writeEnd] });
  writeEnd.destroy();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) processes.killSession(child.pid);
  }, command.timeoutMs);
  const outcome = await waitForExit(child);
  clearTimeout(timer);
  await drain.wait(closed);
  return timedOut ? { kind: 'timeout' } : outcome;
};
