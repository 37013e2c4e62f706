import { mkdir, open, readdir } from 'node:fs/promises';
import { BerthError } from '../../core/errors.ts';

const suffix = '.ndjson';
const namePattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.ndjson$/;

const timeOf = (name: string): number => Date.parse(name.slice(0, -suffix.length).replace(/T(..)-(..)-/, 'T$1:$2:'));

const unusable = (folder: string, error: unknown): BerthError => {
  const why = error instanceof Error ? error.message : String(error);
  return new BerthError(
    'internal',
    `The audit folder ${folder} cannot be used (${why}): check its path and permissions.`,
    {
      cause: error,
    },
  );
};

/** Returns the names of a folder's segments, oldest first. */
export const listSegments = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).filter((name) => namePattern.test(name)).sort();
  } catch (error) {
    throw unusable(folder, error);
  }
};

export const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(folder, error);
  }
};

/** Names a segment by the time, so that names sort by age, and after the last name even if the clock went back. */
export const nextSegmentName = (last: string | undefined, now: number): string => {
  const time = Math.max(now, last === undefined ? 0 : timeOf(last) + 1);
  return new Date(time).toISOString().replaceAll(':', '-') + suffix;
};

/** Syncs the directory: without this, a power failure could lose the entry of a new file. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
