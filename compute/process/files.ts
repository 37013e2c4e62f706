import { chmod, lstat, mkdir, open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../core/errors.ts';

const isCode = (error: unknown, ...codes: string[]): boolean =>
  codes.includes((error as NodeJS.ErrnoException).code ?? '');

/** Makes a directory that only Berth's account may enter. */
export const makePrivate = async (path: string): Promise<void> => {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made !== undefined || (await lstat(path)).isDirectory()) return;
  throw new BerthError('compute_failed', `${path} is no directory. Move it away, and start the workspace again.`);
};

export const exists = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
};

/** Directories without write or search permission (Go's module cache is full of them) cannot be emptied as they are. */
const openUp = async (directory: string): Promise<void> => {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(directory, entry.name));
  }
};

/** Removes a directory with all in it; follows no symbolic link. One that is gone is done. */
export const removeTree = async (path: string): Promise<void> => {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove();
  } catch (error) {
    if (!isCode(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw error;
    await openUp(path)
      .then(remove)
      .catch((cause: Error) => {
        throw new BerthError(
          'compute_failed',
          `${path} could not be removed: ${cause.message}. Remove it as the owner of what is left in it, and delete the workspace again.`,
          { cause },
        );
      });
  }
};

export const sortedNames = async (directory: string): Promise<string[]> => {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
};

/** The end of a file, at most `bytes` of it; empty when there is none. */
export const tailOf = async (file: string, bytes: number): Promise<string> => {
  if (!(await exists(file))) return '';
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, Math.max(0, size - bytes));
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
};

/** Empties a log that grew over `limit` bytes. Its writer appends, so it goes on at the new end. */
export const boundLog = async (file: string, limit: number): Promise<void> => {
  if ((await exists(file)) && (await lstat(file)).size > limit) await truncate(file);
};
