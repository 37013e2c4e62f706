import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { bundleCli } from '../../../cli/bundle.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** The command line as it is shipped, bundled once per test file. */
const folder = temporaryFolder();
export const program = join(folder, 'berth');
await bundleCli(program);

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Starts the command line with its own home, and only PATH of the test's environment. */
export const givenCli = (args: string[], env: Record<string, string>): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    stdio: 'pipe',
  });

export const ended = async (child: ChildProcessWithoutNullStreams): Promise<Ended> => {
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out, err };
};

export const runCli = async (
  args: string[],
  env: Record<string, string>,
  input: string | Buffer = '',
): Promise<Ended> => {
  const child = givenCli(args, env);
  child.stdin.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toBe('EPIPE'));
  child.stdin.end(input);
  return ended(child);
};
