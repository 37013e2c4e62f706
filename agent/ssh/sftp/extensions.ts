import { lchown, link, lutimes, rename, statfs } from 'node:fs/promises';
import { encodeBareEntry, readAttributes } from './attributes.ts';
import type { Handles } from './handles.ts';
import { encodeUint64, maxDataBytes, maxPacketBytes, type PacketReader, responses } from './packets.ts';
import { expandTilde, pathBytes, realPath, resolvePath } from './paths.ts';
import type { RequestHandler } from './requests.ts';

/** OpenSSH's extensions (its PROTOCOL file, section 4) and their versions. */
export const supportedExtensions = {
  'posix-rename@openssh.com': '1',
  'statvfs@openssh.com': '2',
  'fstatvfs@openssh.com': '2',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  'lsetstat@openssh.com': '1',
  'limits@openssh.com': '1',
  'expand-path@openssh.com': '1',
  'home-directory': '1',
} as const;
type Extension = keyof typeof supportedExtensions;

const longestName = 255;

const statFileSystem = async (id: number, path: Buffer): Promise<Buffer> => {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  const numbers = [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0, 0, longestName];
  return responses.extended(id, ...numbers.map(encodeUint64));
};

export const createExtensions = (home: string, handles: Handles): Record<Extension, RequestHandler> => {
  const path = (reader: PacketReader) => pathBytes(resolvePath(home, reader.text()));
  return {
    'posix-rename@openssh.com': async (_id, reader) => void (await rename(path(reader), path(reader))),
    'statvfs@openssh.com': (id, reader) => statFileSystem(id, path(reader)),
    // Node has no fstatfs, so this uses the path of the open file.
    'fstatvfs@openssh.com': (id, reader) =>
      statFileSystem(id, Buffer.from(`/proc/self/fd/${handles.file(reader.bytes()).fd}`)),
    'hardlink@openssh.com': async (_id, reader) => void (await link(path(reader), path(reader))),
    'fsync@openssh.com': async (_id, reader) => void (await handles.file(reader.bytes()).sync()),
    'lsetstat@openssh.com': async (_id, reader) => {
      const at = path(reader);
      const { owner, times } = readAttributes(reader);
      if (owner !== undefined) await lchown(at, owner.uid, owner.gid);
      if (times !== undefined) await lutimes(at, times.accessed, times.modified);
      return undefined;
    },
    'limits@openssh.com': async (id) =>
      responses.extended(id, ...[maxPacketBytes, maxDataBytes, maxDataBytes, 0].map(encodeUint64)),
    'expand-path@openssh.com': async (id, reader) =>
      responses.names(id, [encodeBareEntry(await realPath(expandTilde(home, reader.text())))]),
    'home-directory': async (id) => responses.names(id, [encodeBareEntry(await realPath(resolvePath(home, '')))]),
  };
};
