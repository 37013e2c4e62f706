import { constants, type Stats } from 'node:fs';
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
} from 'node:fs/promises';
import { posix } from 'node:path';
import { type Attributes, encodeBareEntry, encodeEntry, readAttributes, writeAttributes } from './attributes.ts';
import type { Handles } from './handles.ts';
import { dataHeaderBytes, maxDataBytes, type PacketReader, requestType, responses } from './packets.ts';
import { pathBytes, realPath, resolvePath } from './paths.ts';
import { status } from './status.ts';

/** Handles a request. Returns its response, or nothing for a plain success. */
export type RequestHandler = (id: number, reader: PacketReader) => Promise<Buffer | undefined>;

const openFlags = (requested: number): number => {
  const both = (requested & 3) === 3;
  const access = both ? constants.O_RDWR : requested & 2 ? constants.O_WRONLY : constants.O_RDONLY;
  const more = [constants.O_APPEND, constants.O_CREAT, constants.O_TRUNC, constants.O_EXCL];
  return more.reduce((flags, flag, index) => (requested & (4 << index) ? flags | flag : flags), access);
};

const entriesPerReply = 100;

const endOfFile = (id: number): Buffer => responses.status(id, status.eof, 'End of file');

/** `undefined` for an entry that was removed while its folder is being listed. */
const lstatIfPresent = async (path: Buffer): Promise<Stats | undefined> => {
  try {
    return await lstat(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
};

/** Renames without replacing an existing target, as version 3 requires. */
const renameWithoutReplacing = async (from: Buffer, to: Buffer): Promise<void> => {
  if ((await lstat(from)).isDirectory()) {
    if ((await lstatIfPresent(to)) !== undefined)
      throw Object.assign(new Error('The target already exists.'), { code: 'EEXIST' });
    return rename(from, to);
  }
  // Unlike a rename, a link fails if the target was created in between.
  await link(from, to);
  await unlink(from);
};

interface Changeable {
  truncate(size: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  utimes(accessed: number, modified: number): Promise<void>;
}

const applyAttributes = async (
  what: Changeable,
  { size, owner, permissions, times }: Attributes,
): Promise<undefined> => {
  if (size !== undefined) await what.truncate(size);
  if (permissions !== undefined) await what.chmod(permissions);
  if (owner !== undefined) await what.chown(owner.uid, owner.gid);
  if (times !== undefined) await what.utimes(times.accessed, times.modified);
};

const changeablePath = (path: Buffer): Changeable => ({
  truncate: (size) => truncate(path, size),
  chmod: (mode) => chmod(path, mode),
  chown: (uid, gid) => chown(path, uid, gid),
  utimes: (accessed, modified) => utimes(path, accessed, modified),
});

/** Requests for open files and directories. */
const handleRequests = (path: (reader: PacketReader) => Buffer, handles: Handles): Record<number, RequestHandler> => ({
  [requestType.open]: async (id, reader) => {
    const [at, flags] = [path(reader), openFlags(reader.uint32())];
    if (handles.isFull) return responses.status(id, status.failure, 'Too many files are open. Close some first.');
    const file = await open(at, flags, readAttributes(reader).permissions ?? 0o666);
    return responses.handle(id, await handles.add({ file }));
  },
  [requestType.close]: async (_id, reader) => void (await handles.close(reader.bytes())),
  [requestType.read]: async (id, reader) => {
    const [file, at, wanted] = [handles.file(reader.bytes()), reader.uint64(), reader.uint32()];
    const length = Math.min(wanted, maxDataBytes);
    const buffer = Buffer.allocUnsafeSlow(dataHeaderBytes + length);
    const { bytesRead } = await file.read(buffer, dataHeaderBytes, length, at);
    return bytesRead === 0 && length > 0 ? endOfFile(id) : responses.data(id, buffer, bytesRead);
  },
  [requestType.write]: async (_id, reader) => {
    const [file, at, bytes] = [handles.file(reader.bytes()), reader.uint64(), reader.bytes()];
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    return undefined;
  },
  [requestType.fstat]: async (id, reader) =>
    responses.attributes(id, writeAttributes(await handles.file(reader.bytes()).stat())),
  [requestType.fsetstat]: (_id, reader) => applyAttributes(handles.file(reader.bytes()), readAttributes(reader)),
  [requestType.opendir]: async (id, reader) => {
    const at = path(reader);
    const names = (await readdir(at, { encoding: 'buffer' })).map((name) => name.toString('latin1'));
    return responses.handle(id, await handles.add({ path: at.toString('latin1'), names: ['.', '..', ...names] }));
  },
  [requestType.readdir]: async (id, reader) => {
    const { path: folder, names } = handles.directory(reader.bytes());
    if (names.length === 0) return endOfFile(id);
    const some = names.splice(0, entriesPerReply);
    const found = await Promise.all(some.map((name) => lstatIfPresent(pathBytes(posix.join(folder, name)))));
    return responses.names(
      id,
      found.flatMap((stats, index) => (stats === undefined ? [] : [encodeEntry(some[index] ?? '', stats)])),
    );
  },
});

/** Requests for paths. */
const pathRequests = (path: (reader: PacketReader) => Buffer, home: string): Record<number, RequestHandler> => ({
  [requestType.stat]: async (id, reader) => responses.attributes(id, writeAttributes(await stat(path(reader)))),
  [requestType.lstat]: async (id, reader) => responses.attributes(id, writeAttributes(await lstat(path(reader)))),
  [requestType.setstat]: (_id, reader) => applyAttributes(changeablePath(path(reader)), readAttributes(reader)),
  [requestType.remove]: async (_id, reader) => void (await unlink(path(reader))),
  [requestType.mkdir]: async (_id, reader) =>
    void (await mkdir(path(reader), { mode: readAttributes(reader).permissions ?? 0o777 })),
  [requestType.rmdir]: async (_id, reader) => void (await rmdir(path(reader))),
  [requestType.realpath]: async (id, reader) =>
    responses.names(id, [encodeBareEntry(await realPath(resolvePath(home, reader.text())))]),
  [requestType.rename]: async (_id, reader) => void (await renameWithoutReplacing(path(reader), path(reader))),
  [requestType.readlink]: async (id, reader) => {
    const to = await readlink(path(reader), { encoding: 'buffer' });
    return responses.names(id, [encodeBareEntry(to.toString('latin1'))]);
  },
  // The link's target comes first: OpenSSH has always reversed the order of the draft, and clients rely on it.
  [requestType.symlink]: async (_id, reader) => void (await symlink(pathBytes(reader.text()), path(reader))),
});

export const createRequests = (home: string, handles: Handles): Record<number, RequestHandler> => {
  const path = (reader: PacketReader) => pathBytes(resolvePath(home, reader.text()));
  return { ...handleRequests(path, handles), ...pathRequests(path, home) };
};
