import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);
const pythonOf = (folder: string) => join(folder, 'bin', 'python');

/** This machine has no Python environment. The message says why and what to do. */
export class VenvUnavailable extends Error {
  override readonly name = 'VenvUnavailable';
}

const linesOf = (error: unknown): string => {
  const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
  return `${stderr}\n${stdout}`.trim().split('\n').slice(0, 2).join(' ') || String(error);
};

const requirePython = async () => {
  try {
    await run('python3', ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))']);
  } catch (error) {
    throw new VenvUnavailable(
      'Python 3.11 or newer with venv is missing: `apt-get install python3-venv`, `brew install python`.',
      { cause: error },
    );
  }
};

const install = async (folder: string, requirements: string) => {
  await run('python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', requirements];
  await run(pythonOf(folder), pip, { maxBuffer: 16 * 1024 * 1024 });
};

const create = async (folder: string, program: string, requirements: string) => {
  await requirePython();
  process.stderr.write(`Installing ${program} into .venv/ (once, about a minute) …\n`);
  // Created beside and then renamed, so that an aborted run or two concurrent runs leave no incomplete environment.
  const temporary = `${folder}.${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    await install(temporary, requirements);
    if (existsSync(pythonOf(folder))) return;
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    throw new VenvUnavailable(`pip could not install it: ${linesOf(error)}`, { cause: error });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
};

/**
 * Returns the path of a Python with the packages of `requirements-<program>.txt`, in `.venv/<hash of that file>/`.
 * Creates the environment if it is missing. Throws `VenvUnavailable` if that fails.
 */
export const venvPython = async (program: 'moto' | 'ministack'): Promise<string> => {
  const requirements = join(import.meta.dirname, `requirements-${program}.txt`);
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const folder = join(root, '.venv', hash.slice(0, 12));
  const python = pythonOf(folder);
  // A dangling link means that the machine's Python was replaced.
  if (!existsSync(python)) await create(folder, program, requirements);
  return python;
};
