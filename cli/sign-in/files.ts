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
export const readFileIfExists = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Atomically writes a file that only its owner can read: a concurrent reader gets the complete old or new content. */
export const writePrivateFile = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.new`;
  await rm(next, { force: true });
  await writeFile(next, text, { mode: 0o600, flag: 'wx' });
  // The umask may have removed bits from the mode above.
  await chmod(next, 0o600);
  await rename(next, file);
};

/** Far longer than any work under the lock, so the process that held a lock of this age was killed. */
const staleAfterMs = 60_000;
const pauseMs = 50;

/**
 * Runs `work` under a lock that excludes other processes of this machine. The lock is a folder next to `file` that
 * contains a file with a random name. The lock of a killed process is removed by that name, so that the lock of the
 * next holder is never removed by mistake.
 */
export const withFileLock = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  const lock = `${file}.lock`;
  const name = randomUUID();
  const own = `${lock}.${name}`;
  await mkdir(own, { recursive: true, mode: 0o700 });
  try {
    while (!(await tryAcquire(lock, own, name))) {
      if (!(await removeStale(lock))) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return await work();
  } finally {
    await rm(own, { recursive: true, force: true });
    await rm(join(lock, name), { force: true });
    await undefinedOn(['ENOENT', ...heldCodes], rmdir(lock));
  }
};

/** The errors of a rename onto a folder that is not empty; a rename replaces only an empty folder. */
const heldCodes = ['ENOTEMPTY', 'EEXIST'];

const tryAcquire = async (lock: string, own: string, name: string): Promise<boolean> => {
  // The file is rewritten at each attempt, because its age is the age of the lock.
  await writeFile(join(own, name), String(process.pid), { mode: 0o600 });
  const move = rename(own, lock).then(() => true);
  return (await undefinedOn(heldCodes, move)) ?? false;
};

/** Removes the lock of a killed process. Returns whether it did. */
const removeStale = async (lock: string): Promise<boolean> => {
  for (const name of (await undefinedOn(['ENOENT'], readdir(lock))) ?? []) {
    const since = (await undefinedOn(['ENOENT'], stat(join(lock, name))))?.mtimeMs ?? Date.now();
    if (Date.now() - since <= staleAfterMs) continue;
    await rm(join(lock, name), { force: true });
    return true;
  }
  return false;
};

/** Returns `undefined` if the operation failed with one of these codes, because another process was faster. */
const undefinedOn = async <T>(codes: readonly string[], operation: Promise<T>): Promise<T | undefined> => {
  try {
    return await operation;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
};
