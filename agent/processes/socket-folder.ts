import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The longest path of a Unix socket: 107 bytes on Linux, 103 on macOS. */
const maxPathBytes = 103;

/** Whether the path of a socket of this name in this folder is short enough. */
export const fitsSocketPath = (folder: string, name: string): boolean =>
  Buffer.byteLength(join(folder, name)) <= maxPathBytes;

const unusableFolderErrors = new Set(['ENOENT', 'ENOTDIR', 'EROFS', 'EACCES', 'EPERM']);

/**
 * Creates a folder for sockets that only this user may enter: in /tmp, or in the agent's folder or the home when an
 * image has no writable /tmp. The caller removes it.
 */
export const createSocketFolder = async (): Promise<string> => {
  const { BERTH_AGENT_DIR, HOME } = process.env;
  const parents = [tmpdir(), BERTH_AGENT_DIR, HOME].filter((parent) => parent !== undefined);
  for (const parent of parents.filter((folder) => fitsSocketPath(folder, 'berth-XXXXXX/agent.sock'))) {
    try {
      return await mkdtemp(join(parent, 'berth-'));
    } catch (error) {
      if (!unusableFolderErrors.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  throw new Error(
    `No folder for a socket could be created: ${parents.join(', ')} are not writable or their paths are too long.`,
  );
};
