import { writeSync } from 'node:fs';
import type { Pty } from './pty.ts';

/**
 * The wait before a write is retried, doubled each time it fails. The kernel does not signal when a PTY accepts more
 * input.
 */
const retryMs = { first: 1, longest: 32 };

const errorCode = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';

/**
 * Buffers input of a PTY while its program does not read, because the kernel takes only about 14 KB. node-pty's own
 * `write` would retry in a busy loop until the program reads, and block this process meanwhile.
 */
export class PtyInput {
  readonly #pty: Pick<Pty, 'fd' | '_socket'>;
  readonly #drained: () => void;
  #pending: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #waitMs = retryMs.first;
  #closed = false;

  /** `drained` is called once all buffered input was written. */
  constructor(pty: Pick<Pty, 'fd' | '_socket'>, drained: () => void) {
    this.#pty = pty;
    this.#drained = drained;
  }

  /** Whether earlier input still waits for the program to read. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  write(bytes: Buffer): void {
    if (this.#closed || bytes.length === 0) return;
    this.#pending.push(bytes);
    if (this.#pending.length === 1) this.#flush();
  }

  /** Call when the PTY is closed or its program has ended. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#pending = [];
    this.#drained();
  }

  #flush(): void {
    const hadToWait = this.#timer !== undefined;
    this.#timer = undefined;
    while (this.hasPending && this.#writeChunk(this.#pending[0] as Buffer));
    if (this.hasPending) this.#retryLater();
    else if (hadToWait) this.#drained();
  }

  /** Writes as much of a chunk as the kernel accepts. Returns false when it accepts nothing now. */
  #writeChunk(chunk: Buffer): boolean {
    if (this.#pty._socket.destroyed) return this.#discard();
    try {
      const written = writeSync(this.#pty.fd, chunk);
      this.#waitMs = retryMs.first;
      if (written < chunk.length) this.#pending[0] = chunk.subarray(written);
      else this.#pending.shift();
      return true;
    } catch (thrown) {
      if (errorCode(thrown) === 'EAGAIN') return false;
      // The program closed its side, so the input will not be read. Its exit event is about to follow.
      if (errorCode(thrown) !== 'EIO') throw thrown;
      return this.#discard();
    }
  }

  #discard(): boolean {
    this.#pending = [];
    return true;
  }

  #retryLater(): void {
    this.#timer = setTimeout(() => this.#flush(), this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, retryMs.longest);
  }
}
