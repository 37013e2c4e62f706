/** Keeps the last `size` bytes that were written. */
export class RingBuffer {
  readonly #bytes: Buffer;
  writtenBytes = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  write(chunk: Buffer): void {
    const size = this.#bytes.length;
    const kept = chunk.subarray(Math.max(0, chunk.length - size));
    const at = (this.writtenBytes + chunk.length - kept.length) % size;
    const untilEnd = kept.copy(this.#bytes, at);
    kept.copy(this.#bytes, 0, untilEnd);
    this.writtenBytes += chunk.length;
  }

  /** Bytes that newer ones overwrote. */
  get droppedBytes(): number {
    return Math.max(0, this.writtenBytes - this.#bytes.length);
  }

  /** A copy of the kept bytes, oldest first. */
  read(): Buffer {
    if (this.droppedBytes === 0) return Buffer.from(this.#bytes.subarray(0, this.writtenBytes));
    const at = this.writtenBytes % this.#bytes.length;
    return Buffer.concat([this.#bytes.subarray(at), this.#bytes.subarray(0, at)]);
  }
}
