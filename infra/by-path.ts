import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The repository. */
export const root = dirname(import.meta.dirname);
/** Where what is built for a deployment lies; a build that is there already is not made anew. */
export const buildFolder = join(root, '.build');

/**
 * Loads a module of another folder when it is built with. The app depends on what these folders make, not on their code,
 * so it names them by path.
 */
export const loadByPath = async <T>(path: string): Promise<T> =>
  (await import(pathToFileURL(join(root, path)).href)) as T;
