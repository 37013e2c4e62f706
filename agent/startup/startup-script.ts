import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../contracts/agent/tunnel.ts';
import { messageOf } from '../common/message.ts';
import type { Settings } from '../common/settings.ts';
import type { Environment } from '../processes/environment.ts';
import type { LogBuffer } from '../processes/log-buffer.ts';
import { type CommandOutcome, describeFailure, runLoggedCommand } from '../processes/logged-command.ts';
import type { Processes } from '../processes/processes.ts';
import { scriptShell, withShell } from '../processes/shell.ts';

export interface StartupFailure {
  error: 'startup_failed' | 'startup_timeout';
  message: string;
}

const noShellMessage =
  'The startup script could not run: the workspace has no /bin/sh. Use an image with a shell, or a template without a startup script.';

const startupFailure = (outcome: CommandOutcome, timeoutMs: number, lastLine: string): StartupFailure | undefined => {
  const message = describeFailure('The startup script', outcome, { timeoutMs, lastLine });
  if (message === undefined) return undefined;
  if (outcome.kind === 'not_started') return { error: 'startup_failed', message: noShellMessage };
  return { error: outcome.kind === 'timeout' ? 'startup_timeout' : 'startup_failed', message };
};

const describeWriteError = (thrown: unknown): StartupFailure => ({
  error: 'startup_failed',
  message: `The startup script could not be written to disk (${messageOf(thrown)}). Free some space, then run it again.`,
});

const writeScript = async (folder: string, startup: string): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const script = join(folder, 'startup.sh');
  await writeFile(script, startup, { mode: 0o700 });
  return script;
};

/**
 * Runs the template's startup script with `bash -e` (else `sh -e`). It is run from a file, because an argument has a
 * limited length and is visible in process lists. Background processes that the script started keep running after it.
 */
export const runStartupScript = async (
  { startup, startupTimeoutMs }: Pick<Manifest, 'startup' | 'startupTimeoutMs'>,
  { home, runDir }: Pick<Settings, 'home' | 'runDir'>,
  env: Environment,
  processes: Processes,
  log: LogBuffer,
): Promise<StartupFailure | undefined> => {
  let script: string;
  try {
    script = await writeScript(runDir, startup);
  } catch (thrown) {
    // The disk may be full. The workspace must start anyway, so that its owner can free space.
    return describeWriteError(thrown);
  }
  const command = {
    file: scriptShell(env),
    args: ['-e', script],
    cwd: home,
    env: withShell(env),
    timeoutMs: startupTimeoutMs,
  };
  const outcome = await runLoggedCommand(processes, command, log);
  log.end();
  return startupFailure(outcome, startupTimeoutMs, log.lastLine());
};
