/** The last `size` bytes of what was written. */
export class Ring {
  readonly #bytes: Buffer;
  /** Bytes written so far. */
  total = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  write(chunk: Buffer): void {
    const size = this.#bytes.length;
    const kept = chunk.subarray(Math.max(0, chunk.length - size));
    const at = (this.total + chunk.length - kept.length) % size;
    const untilEnd = kept.copy(this.#bytes, at);
    kept.copy(this.#bytes, 0, untilEnd);
    this.total += chunk.length;
  }

  /** Bytes that were written and are gone. */
  get lost(): number {
    return Math.max(0, this.total - this.#bytes.length);
  }

  /** A copy of what is kept, oldest first. */
  read(): Buffer {
    if (this.lost === 0) return Buffer.from(this.#bytes.subarray(0, this.total));
    const at = this.total % this.#bytes.length;
    return Buffer.concat([this.#bytes.subarray(at), this.#bytes.subarray(0, at)]);
  }
}
