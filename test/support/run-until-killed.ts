import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a module that prints a number per line, kills it after this number of lines, and returns the last number. */
export const runUntilKilled = async (program: string, lines: number): Promise<number> => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split('\n').length > lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return Number(output.split('\n').at(-2));
};
