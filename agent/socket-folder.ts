import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The path of a unix socket has 107 bytes at the most (103 on macOS). */
const longestPath = 103;

/** Whether a socket of this name may lie there. */
export const isShortEnough = (folder: string, name: string): boolean =>
  Buffer.byteLength(join(folder, name)) <= longestPath;

const unusable = new Set(['ENOENT', 'ENOTDIR', 'EROFS', 'EACCES', 'EPERM']);

/**
 * A new folder for sockets, of this user alone: in /tmp, or where an image has none that may be written, in the agent's
 * folder or the home. The caller removes it.
 */
export const makeSocketFolder = async (): Promise<string> => {
  const { BERTH_AGENT_DIR, HOME } = process.env;
  const places = [tmpdir(), BERTH_AGENT_DIR, HOME].filter((place) => place !== undefined);
  for (const place of places.filter((place) => isShortEnough(place, 'berth-XXXXXX/agent.sock'))) {
    try {
      return await mkdtemp(join(place, 'berth-'));
    } catch (error) {
      if (!unusable.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  throw new Error(`No folder for a socket: none of ${places.join(', ')} can be written, or their names are too long.`);
};
