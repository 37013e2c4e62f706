import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';

/**
 * The bytes of a path. Paths are kept as latin1 strings, one character per byte, because they need not be valid text.
 */
export const pathBytes = (path: string): Buffer => Buffer.from(path, 'latin1');

/** Resolves a path of the client relative to the home. */
export const resolvePath = (home: string, path: string): string =>
  path.startsWith('/') ? path : posix.join(Buffer.from(home).toString('latin1'), path);

/** Expands `~` and `~/x`. A workspace has no other users. */
export const expandTilde = (home: string, path: string): string => resolvePath(home, path.replace(/^~(?=\/|$)\/?/, ''));

/**
 * The path without links and dots. Parts that do not exist keep their names, because clients resolve paths before they
 * create them.
 */
export const realPath = async (path: string): Promise<string> => {
  try {
    return (await realpath(pathBytes(path), { encoding: 'buffer' })).toString('latin1');
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
    const normal = posix.normalize(path).replace(/(.)\/$/, '$1');
    if (normal === '/') throw thrown;
    return posix.join(await realPath(posix.dirname(normal)), posix.basename(normal));
  }
};
