import type { FileHandle } from 'node:fs/promises';

/** An open file, or a directory whose entries are handed out a part at a time. */
export type Opened = { file: FileHandle } | { path: string; names: string[] };

/** More open files than any client needs, and fewer than a process may have. */
const most = 512;

export class NoSuchHandle extends Error {
  constructor() {
    super('There is no such handle.');
  }
}

const closeOne = async (opened: Opened): Promise<void> => {
  if ('file' in opened) await opened.file.close();
};

/** What one client has open. */
export class Handles {
  readonly #opened = new Map<number, Opened>();
  #last = 0;
  #isOver = false;

  async add(opened: Opened): Promise<number> {
    if (this.#isOver) {
      // The client left while it was being opened: nobody else would ever close it.
      await closeOne(opened);
      throw new NoSuchHandle();
    }
    this.#last += 1;
    this.#opened.set(this.#last, opened);
    return this.#last;
  }

  get isFull(): boolean {
    return this.#opened.size >= most;
  }

  #get(handle: Buffer): Opened {
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
    await closeOne(opened);
  }

  /** Closes what is open, and whatever is opened from now on. */
  async closeAll(): Promise<void> {
    this.#isOver = true;
    const all = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(all.map(closeOne));
  }
}
