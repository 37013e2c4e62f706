import { readFileSync } from 'node:fs';
import { chmod, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
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

/** Runs `work` while no other process of this machine does, by a file beside the one it is about. */
export const alone = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  const lock = `${file}.lock`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  while (!(await taken(lock))) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
};

const taken = async (lock: string): Promise<boolean> => {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (Date.now() - (await heldSince(lock)) > longestHeldMs) await rm(lock, { force: true });
    return false;
  }
};

const heldSince = async (lock: string): Promise<number> => {
  try {
    return (await stat(lock)).mtimeMs;
  } catch (error) {
    // Let go of this very moment.
    if (codeOf(error) === 'ENOENT') return Date.now();
    throw error;
  }
};
