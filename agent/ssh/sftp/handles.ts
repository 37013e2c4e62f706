import type { FileHandle } from 'node:fs/promises';

/** An open file, or a directory whose entries are returned in portions. */
type OpenItem = { file: FileHandle } | { path: string; names: string[] };

/** More than a client needs, and fewer than the file descriptors of a process. */
const maxHandles = 512;

export class NoSuchHandle extends Error {
  constructor() {
    super('The handle does not exist.');
  }
}

const closeItem = async (opened: OpenItem): Promise<void> => {
  if ('file' in opened) await opened.file.close();
};

/** The open files and directories of one client. */
export class Handles {
  readonly #opened = new Map<number, OpenItem>();
  #last = 0;
  #isOver = false;

  async add(opened: OpenItem): Promise<number> {
    if (this.#isOver) {
      // The client disconnected while the file was being opened, so nothing else would close it.
      await closeItem(opened);
      throw new NoSuchHandle();
    }
    this.#last += 1;
    this.#opened.set(this.#last, opened);
    return this.#last;
  }

  get isFull(): boolean {
    return this.#opened.size >= maxHandles;
  }

  #get(handle: Buffer): OpenItem {
    const found = handle.length === 4 ? this.#opened.get(handle.readUInt32BE(0)) : undefined;
    if (found === undefined) throw new NoSuchHandle();
    return found;
  }

  file(handle: Buffer): FileHandle {
    const opened = this.#get(handle);
    if ('file' in opened) return opened.file;
    throw new NoSuchHandle();
  }

  directory(handle: Buffer): { path: string; names: string[] } {
    const opened = this.#get(handle);
    if ('names' in opened) return opened;
    throw new NoSuchHandle();
  }

  async close(handle: Buffer): Promise<void> {
    const opened = this.#get(handle);
    this.#opened.delete(handle.readUInt32BE(0));
    await closeItem(opened);
  }

  /** Closes everything, including what is opened from now on. */
  async closeAll(): Promise<void> {
    this.#isOver = true;
    const all = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(all.map(closeItem));
  }
}
