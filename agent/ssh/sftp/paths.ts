import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';

/** Paths are bytes: kept as latin1, one character a byte, and handed to the file system as bytes. */
export const bytesOf = (path: string): Buffer => Buffer.from(path, 'latin1');

/** A path of the client, which is relative to the home. */
export const absolute = (home: string, path: string): string =>
  path.startsWith('/') ? path : posix.join(Buffer.from(home).toString('latin1'), path);

/** `~` and `~/x`; those of other people are not in a workspace. */
export const expanded = (home: string, path: string): string => absolute(home, path.replace(/^~(?=\/|$)\/?/, ''));

/** The path without links and dots. What is not there (yet) keeps its name, as clients ask before they make it. */
export const real = async (path: string): Promise<string> => {
  try {
    return (await realpath(bytesOf(path), { encoding: 'buffer' })).toString('latin1');
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
    const normal = posix.normalize(path).replace(/(.)\/$/, '$1');
    if (normal === '/') throw thrown;
    return posix.join(await real(posix.dirname(normal)), posix.basename(normal));
  }
};
