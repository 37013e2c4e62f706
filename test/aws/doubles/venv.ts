import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);
const pythonOf = (folder: string) => join(folder, 'bin', 'python');

/** Why this machine has no Python environment, and what to do; the message is for a person. */
export class VenvUnavailable extends Error {
  override readonly name = 'VenvUnavailable';
}

const linesOf = (error: unknown): string => {
  const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
  return `${stderr}\n${stdout}`.trim().split('\n').slice(0, 2).join(' ') || String(error);
};

const demandPython = async () => {
  try {
    await run('python3', ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))']);
  } catch (error) {
    throw new VenvUnavailable(
      'It needs Python 3.11 or newer with venv: `apt-get install python3-venv`, `brew install python`.',
      { cause: error },
    );
  }
};

const fill = async (folder: string, requirements: string) => {
  await run('python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', requirements];
  await run(pythonOf(folder), pip, { maxBuffer: 16 * 1024 * 1024 });
};

const make = async (folder: string, program: string, requirements: string) => {
  await demandPython();
  process.stderr.write(`Installing ${program} into .venv/ (once, about a minute) …\n`);
  // Made beside and moved into place whole: a run that breaks off, or two at once, leave no half environment behind.
  const making = `${folder}.${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    await fill(making, requirements);
    if (existsSync(pythonOf(folder))) return;
    await rm(folder, { recursive: true, force: true });
    await rename(making, folder);
  } catch (error) {
    throw new VenvUnavailable(`pip could not install it: ${linesOf(error)}`, { cause: error });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
};

/**
 * The path of a Python that has a program and what it needs (`requirements-<program>.txt`), in `.venv/<hash of it>/`, made when it
 * is missing. Throws `VenvUnavailable` when it cannot be.
 */
export const venvPython = async (program: 'moto' | 'ministack'): Promise<string> => {
  const requirements = join(import.meta.dirname, `requirements-${program}.txt`);
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const folder = join(root, '.venv', hash.slice(0, 12));
  const python = pythonOf(folder);
  // Also anew where the machine's Python, to which this leads, has been replaced.
  if (!existsSync(python)) await make(folder, program, requirements);
  return python;
};
