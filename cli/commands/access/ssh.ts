import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CliError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { berthUrl } from '../../server/address.ts';
import { clientOptions } from '../../ssh/client-options.ts';
import { parseReference, sshHost } from '../../ssh/host.ts';

interface SshOptions {
  start?: boolean;
  stdio?: boolean;
}

/** Runs the installed ssh client with the options that reach a workspace. Returns the client's exit code. */
export const ssh = async (
  workspace: string,
  args: readonly string[],
  { start = true }: SshOptions,
): Promise<number> => {
  const host = sshHost(parseReference(workspace));
  const options = clientOptions(berthUrl(), host, start).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const child = spawn('ssh', [...options, host, ...args], { stdio: 'inherit' });
  // The terminal sends these signals to ssh as well, which decides what to do with them.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const ended = once(child, 'exit').catch(() => {
    const message = 'Could not run ssh. Install the OpenSSH client, or use: berth exec';
    throw new CliError('internal', message, exitCodes.failed);
  });
  const [code] = await ended;
  return code ?? exitCodes.failed;
};
