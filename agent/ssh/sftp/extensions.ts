import { lchown, link, lutimes, rename, statfs } from 'node:fs/promises';
import { bareEntry, readAttributes } from './attributes.ts';
import type { Handles } from './handles.ts';
import { answer, longestPacket, mostBytes, type Reader, uint64 } from './packets.ts';
import { absolute, bytesOf, expanded, real } from './paths.ts';
import type { Serve } from './requests.ts';

/** OpenSSH's extensions (PROTOCOL, 4), with the versions that they are offered as. */
export const offered = {
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
type Extension = keyof typeof offered;

const longestName = 255;

const fileSystem = async (id: number, path: Buffer): Promise<Buffer> => {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  const numbers = [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0, 0, longestName];
  return answer.extended(id, ...numbers.map(uint64));
};

export const createExtensions = (home: string, handles: Handles): Record<Extension, Serve> => {
  const path = (reader: Reader) => bytesOf(absolute(home, reader.text()));
  return {
    'posix-rename@openssh.com': async (_id, reader) => void (await rename(path(reader), path(reader))),
    'statvfs@openssh.com': (id, reader) => fileSystem(id, path(reader)),
    // Where the file is: Node can ask for the file system of a path only.
    'fstatvfs@openssh.com': (id, reader) =>
      fileSystem(id, Buffer.from(`/proc/self/fd/${handles.file(reader.bytes()).fd}`)),
    'hardlink@openssh.com': async (_id, reader) => void (await link(path(reader), path(reader))),
    'fsync@openssh.com': async (_id, reader) => void (await handles.file(reader.bytes()).sync()),
    'lsetstat@openssh.com': async (_id, reader) => {
      const at = path(reader);
      const { owner, times } = readAttributes(reader);
      if (owner !== undefined) await lchown(at, owner.uid, owner.gid);
      if (times !== undefined) await lutimes(at, times.accessed, times.modified);
      return undefined;
    },
    'limits@openssh.com': async (id) => answer.extended(id, ...[longestPacket, mostBytes, mostBytes, 0].map(uint64)),
    'expand-path@openssh.com': async (id, reader) =>
      answer.names(id, [bareEntry(await real(expanded(home, reader.text())))]),
    'home-directory': async (id) => answer.names(id, [bareEntry(await real(absolute(home, '')))]),
  };
};
