import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { berthUrl } from '../address.ts';
import { exitCodes } from '../exit-codes.ts';
import { CliError } from '../failure.ts';
import { clientOptions } from '../ssh/client-options.ts';
import { hostOf, referenceIn } from '../ssh/host.ts';

export interface SshOptions {
  start?: boolean;
  stdio?: boolean;
}

/** Runs the machine's own ssh with what it needs to reach a workspace; answers its exit code. */
export const ssh = async (
  workspace: string,
  words: readonly string[],
  { start = false }: SshOptions,
): Promise<number> => {
  const host = hostOf(referenceIn(workspace));
  const options = clientOptions(berthUrl(), host, start).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const child = spawn('ssh', [...options, host, ...words], { stdio: 'inherit' });
  // They are for ssh, which gets them from the terminal too.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const ended = once(child, 'exit').catch(() => {
    const message = 'ssh could not be run. Install the OpenSSH client, or use: berth exec';
    throw new CliError('internal', message, exitCodes.failed);
  });
  const [code] = await ended;
  return code ?? exitCodes.failed;
};
