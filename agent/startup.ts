import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../contracts/agent.ts';
import { type Outcome, runLogged } from './command.ts';
import type { Environment, Settings } from './environment.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { Processes } from './processes.ts';
import { scriptShell } from './shell.ts';

export interface StartupFailure {
  error: 'startup_failed' | 'startup_timeout';
  message: string;
}

const duration = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;

const failureOf = (outcome: Outcome, timeoutMs: number, lastLine: string): StartupFailure | undefined => {
  const said = lastLine === '' ? '' : ` Its last line: ${lastLine}`;
  switch (outcome.kind) {
    case 'exited':
      if (outcome.code === 0) return undefined;
      return { error: 'startup_failed', message: `The startup script ended with exit code ${outcome.code}.${said}` };
    case 'signalled':
      return { error: 'startup_failed', message: `The startup script was ended by ${outcome.signal}.${said}` };
    case 'timeout':
      return {
        error: 'startup_timeout',
        message: `The startup script did not end within ${duration(timeoutMs)} and was killed.${said}`,
      };
    case 'not_started':
      return { error: 'startup_failed', message: `The startup script could not be run: ${outcome.error.message}.` };
  }
};

/**
 * Runs the template's startup script: bash (else sh) with `-e`, from a file, so that neither the length of an argument
 * nor a list of processes is in its way. It has ended when the script has; background processes go on.
 */
export const runStartup = async (
  { startup, startupTimeoutMs }: Pick<Manifest, 'startup' | 'startupTimeoutMs'>,
  { home, runDir }: Pick<Settings, 'home' | 'runDir'>,
  env: Environment,
  processes: Processes,
  log: LogBuffer,
): Promise<StartupFailure | undefined> => {
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  const script = join(runDir, 'startup.sh');
  await writeFile(script, startup, { mode: 0o700 });
  const command = { file: scriptShell(env), args: ['-e', script], cwd: home, env, timeoutMs: startupTimeoutMs };
  const outcome = await runLogged(processes, command, log);
  log.end();
  return failureOf(outcome, startupTimeoutMs, log.lastLine());
};
