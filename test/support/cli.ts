import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';

const program = join(import.meta.dirname, '../../cli/main.ts');

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** The command line as a process of its own, with nothing of the test's environment but PATH. */
export const givenCli = (args: string[], env: Record<string, string>): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'pipe' });

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
