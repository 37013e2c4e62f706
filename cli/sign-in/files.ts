import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** `~/.config/berth`, or where XDG says. */
export const configFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'berth');

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** `undefined` for a file that is not there. */
export const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** Writes a file that its owner alone may read; whoever reads meanwhile finds the old one or the new one, whole. */
export const writePrivate = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.new`;
  await rm(next, { force: true });
  await writeFile(next, text, { mode: 0o600, flag: 'wx' });
  // The mode above passes through the umask, which may take from it and never adds.
  await chmod(next, 0o600);
  await rename(next, file);
};

/** Far longer than anything that is done under it; whoever held it so long was killed. */
const longestHeldMs = 60_000;
const pauseMs = 50;

/**
 * Runs `work` while no other process of this machine does. Who does has a folder beside the file that it is about, and in
 * it a file whose name nobody else would choose: what a killed process left is taken away by that name, and so never
 * what its successor has there by then.
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

/** A folder takes the place of an empty one, and of no other. */
const held = ['ENOTEMPTY', 'EEXIST'];

const taken = async (lock: string, own: string, name: string): Promise<boolean> => {
  // Written anew each time, as its age tells for how long the lock is held.
  await writeFile(join(own, name), String(process.pid), { mode: 0o600 });
  const move = rename(own, lock).then(() => true);
  return (await unless(held, move)) ?? false;
};

/** Whether it was held by one that was killed, and is no more. */
const forgetDead = async (lock: string): Promise<boolean> => {
  for (const name of (await unless(['ENOENT'], readdir(lock))) ?? []) {
    const since = (await unless(['ENOENT'], stat(join(lock, name))))?.mtimeMs ?? Date.now();
    if (Date.now() - since <= longestHeldMs) continue;
    await rm(join(lock, name), { force: true });
    return true;
  }
  return false;
};

/** `undefined` where it failed by one of these codes: another process was quicker. */
const unless = async <T>(codes: readonly string[], done: Promise<T>): Promise<T | undefined> => {
  try {
    return await done;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
};
