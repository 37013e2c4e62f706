import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** `$XDG_CONFIG_HOME/berth`, or `~/.config/berth` by default. */
export const configFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'berth');

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** Returns `undefined` if the file does not exist. */
export const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Atomically writes a file that only its owner can read: a concurrent reader gets the complete old or new content. */
export const writePrivate = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.new`;
  await rm(next, { force: true });
  await writeFile(next, text, { mode: 0o600, flag: 'wx' });
  // The umask may have removed bits from the mode above.
  await chmod(next, 0o600);
  await rename(next, file);
};

/** Far longer than any work under the lock, so the process that held a lock of this age was killed. */
const longestHeldMs = 60_000;
const pauseMs = 50;

/**
 * Runs `work` under a lock that excludes other processes of this machine. The lock is a folder next to `file` that
 * contains a file with a random name. The lock of a killed process is removed by that name, so that the lock of the
 * next holder is never removed by mistake.
 */
export const alone = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  const lock = `${file}.lock`;
  const name = randomUUID();
  const own = `${lock}.${name}`;
  await mkdir(own, { recursive: true, mode: 0o700 });
  try {
    while (!(await taken(lock, own, name))) {
      if (!(await forgetDead(lock))) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return await work();
  } finally {
    await rm(own, { recursive: true, force: true });
    await rm(join(lock, name), { force: true });
    await unless(['ENOENT', ...held], rmdir(lock));
  }
};

/** The errors of a rename onto a folder that is not empty; a rename replaces only an empty folder. */
const held = ['ENOTEMPTY', 'EEXIST'];

const taken = async (lock: string, own: string, name: string): Promise<boolean> => {
  // The file is rewritten at each attempt, because its age is the age of the lock.
  await writeFile(join(own, name), String(process.pid), { mode: 0o600 });
  const move = rename(own, lock).then(() => true);
  return (await unless(held, move)) ?? false;
};

/** Removes the lock of a killed process. Returns whether it did. */
const forgetDead = async (lock: string): Promise<boolean> => {
  for (const name of (await unless(['ENOENT'], readdir(lock))) ?? []) {
    const since = (await unless(['ENOENT'], stat(join(lock, name))))?.mtimeMs ?? Date.now();
    if (Date.now() - since <= longestHeldMs) continue;
    await rm(join(lock, name), { force: true });
    return true;
  }
  return false;
};

/** Returns `undefined` if the operation failed with one of these codes, because another process was faster. */
const unless = async <T>(codes: readonly string[], done: Promise<T>): Promise<T | undefined> => {
  try {
    return await done;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
};
