import { chmod, lstat, mkdir, open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../../core/errors.ts';

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  codes.includes((error as NodeJS.ErrnoException).code ?? '');

/** Creates a directory that only Berth's account may enter. */
export const makePrivateDirectory = async (path: string): Promise<void> => {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made !== undefined || (await lstat(path)).isDirectory()) return;
  throw new BerthError('compute_failed', `${path} is not a directory.`, {
    remedy: 'Move it away, and start the workspace again.',
  });
};

export const exists = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
};

/** Directories without write or search permission, for example in Go's module cache, cannot be emptied otherwise. */
const makeWritable = async (directory: string): Promise<void> => {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(directory, entry.name));
  }
};

/** Removes a directory recursively without following symbolic links. Succeeds if it does not exist. */
export const removeTree = async (path: string): Promise<void> => {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove();
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw error;
    await makeWritable(path)
      .then(remove)
      .catch((cause: Error) => {
        throw new BerthError('compute_failed', `${path} could not be removed: ${cause.message}.`, {
          remedy: 'Remove it as the owner of the remaining files, and delete the workspace again.',
          cause,
        });
      });
  }
};

export const sortedNames = async (directory: string): Promise<string[]> => {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};

/** The last `bytes` of a file; empty if it does not exist. */
export const readTail = async (file: string, bytes: number): Promise<string> => {
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

/** Empties a log larger than `limit` bytes. Its writer appends, so it continues at the new end. */
export const truncateLog = async (file: string, limit: number): Promise<void> => {
  if ((await exists(file)) && (await lstat(file)).size > limit) await truncate(file);
};
