import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../contracts/agent.ts';
import { failureOf, type Outcome, runLogged } from './command.ts';
import type { Environment } from './environment.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { Processes } from './processes.ts';
import type { Settings } from './settings.ts';
import { scriptShell } from './shell.ts';

export interface StartupFailure {
  error: 'startup_failed' | 'startup_timeout';
  message: string;
}

const noShell =
  'The startup script could not be run: the workspace has no /bin/sh. Use an image with a shell, or a template without a startup script.';

const startupFailure = (outcome: Outcome, timeoutMs: number, lastLine: string): StartupFailure | undefined => {
  const message = failureOf('The startup script', outcome, { timeoutMs, lastLine });
  if (message === undefined) return undefined;
  if (outcome.kind === 'not_started') return { error: 'startup_failed', message: noShell };
  return { error: outcome.kind === 'timeout' ? 'startup_timeout' : 'startup_failed', message };
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
  return startupFailure(outcome, startupTimeoutMs, log.lastLine());
};
