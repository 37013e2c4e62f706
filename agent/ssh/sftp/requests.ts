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
import { type Attributes, bareEntry, entry, readAttributes, writeAttributes } from './attributes.ts';
import type { Handles } from './handles.ts';
import { answer, ask, dataHead, mostBytes, type Reader } from './packets.ts';
import { absolute, bytesOf, real } from './paths.ts';
import { status } from './status.ts';

/** Answers a request of an id, or nothing when all that is to be said is that it was done. */
export type Serve = (id: number, reader: Reader) => Promise<Buffer | undefined>;

const openFlags = (asked: number): number => {
  const both = (asked & 3) === 3;
  const access = both ? constants.O_RDWR : asked & 2 ? constants.O_WRONLY : constants.O_RDONLY;
  const more = [constants.O_APPEND, constants.O_CREAT, constants.O_TRUNC, constants.O_EXCL];
  return more.reduce((flags, flag, index) => (asked & (4 << index) ? flags | flag : flags), access);
};

const entriesAtOnce = 100;

const end = (id: number): Buffer => answer.status(id, status.eof, 'End of file');

/** An entry that goes while it is being listed is listed no more. */
const present = async (path: Buffer): Promise<Stats | undefined> => {
  try {
    return await lstat(path);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
};

/** Renames only to where nothing is, as version 3 has it. */
const renameToNew = async (from: Buffer, to: Buffer): Promise<void> => {
  if ((await lstat(from)).isDirectory()) {
    if ((await present(to)) !== undefined)
      throw Object.assign(new Error('The target is there already.'), { code: 'EEXIST' });
    return rename(from, to);
  }
  // A link to what is there fails, and so leaves it be whoever made it in between.
  await link(from, to);
  await unlink(from);
};

interface Changeable {
  truncate(size: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  utimes(accessed: number, modified: number): Promise<void>;
}

const change = async (what: Changeable, { size, owner, permissions, times }: Attributes): Promise<undefined> => {
  if (size !== undefined) await what.truncate(size);
  if (permissions !== undefined) await what.chmod(permissions);
  if (owner !== undefined) await what.chown(owner.uid, owner.gid);
  if (times !== undefined) await what.utimes(times.accessed, times.modified);
};

const atPath = (path: Buffer): Changeable => ({
  truncate: (size) => truncate(path, size),
  chmod: (mode) => chmod(path, mode),
  chown: (uid, gid) => chown(path, uid, gid),
  utimes: (accessed, modified) => utimes(path, accessed, modified),
});

/** The requests about open files and directories. */
const handleRequests = (path: (reader: Reader) => Buffer, handles: Handles): Record<number, Serve> => ({
  [ask.open]: async (id, reader) => {
    const [at, flags] = [path(reader), openFlags(reader.uint32())];
    if (handles.isFull) return answer.status(id, status.failure, 'Too many files are open. Close some first.');
    const file = await open(at, flags, readAttributes(reader).permissions ?? 0o666);
    return answer.handle(id, await handles.add({ file }));
  },
  [ask.close]: async (_id, reader) => void (await handles.close(reader.bytes())),
  [ask.read]: async (id, reader) => {
    const [file, at, wanted] = [handles.file(reader.bytes()), reader.uint64(), reader.uint32()];
    const length = Math.min(wanted, mostBytes);
    const buffer = Buffer.allocUnsafeSlow(dataHead + length);
    const { bytesRead } = await file.read(buffer, dataHead, length, at);
    return bytesRead === 0 && length > 0 ? end(id) : answer.data(id, buffer, bytesRead);
  },
  [ask.write]: async (_id, reader) => {
    const [file, at, bytes] = [handles.file(reader.bytes()), reader.uint64(), reader.bytes()];
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    return undefined;
  },
  [ask.fstat]: async (id, reader) => answer.attributes(id, writeAttributes(await handles.file(reader.bytes()).stat())),
  [ask.fsetstat]: (_id, reader) => change(handles.file(reader.bytes()), readAttributes(reader)),
  [ask.opendir]: async (id, reader) => {
    const at = path(reader);
    const names = (await readdir(at, { encoding: 'buffer' })).map((name) => name.toString('latin1'));
    return answer.handle(id, await handles.add({ path: at.toString('latin1'), names: ['.', '..', ...names] }));
  },
  [ask.readdir]: async (id, reader) => {
    const { path: folder, names } = handles.directory(reader.bytes());
    if (names.length === 0) return end(id);
    const some = names.splice(0, entriesAtOnce);
    const found = await Promise.all(some.map((name) => present(bytesOf(posix.join(folder, name)))));
    return answer.names(
      id,
      found.flatMap((stats, index) => (stats === undefined ? [] : [entry(some[index] ?? '', stats)])),
    );
  },
});

/** The requests about what is at a path. */
const pathRequests = (path: (reader: Reader) => Buffer, home: string): Record<number, Serve> => ({
  [ask.stat]: async (id, reader) => answer.attributes(id, writeAttributes(await stat(path(reader)))),
  [ask.lstat]: async (id, reader) => answer.attributes(id, writeAttributes(await lstat(path(reader)))),
  [ask.setstat]: (_id, reader) => change(atPath(path(reader)), readAttributes(reader)),
  [ask.remove]: async (_id, reader) => void (await unlink(path(reader))),
  [ask.mkdir]: async (_id, reader) =>
    void (await mkdir(path(reader), { mode: readAttributes(reader).permissions ?? 0o777 })),
  [ask.rmdir]: async (_id, reader) => void (await rmdir(path(reader))),
  [ask.realpath]: async (id, reader) => answer.names(id, [bareEntry(await real(absolute(home, reader.text())))]),
  [ask.rename]: async (_id, reader) => void (await renameToNew(path(reader), path(reader))),
  [ask.readlink]: async (id, reader) => {
    const to = await readlink(path(reader), { encoding: 'buffer' });
    return answer.names(id, [bareEntry(to.toString('latin1'))]);
  },
  // What it leads to comes first, as OpenSSH has it since its beginning and all clients know.
  [ask.symlink]: async (_id, reader) => void (await symlink(bytesOf(reader.text()), path(reader))),
});

export const createRequests = (home: string, handles: Handles): Record<number, Serve> => {
  const path = (reader: Reader) => bytesOf(absolute(home, reader.text()));
  return { ...handleRequests(path, handles), ...pathRequests(path, home) };
};
