import { window } from './frames.ts';

/** What one stream should be able to carry however far the other end is: 150 MB/s. */
const bytesPerMs = 150_000;
/** Enough for that over 28 ms, and for 40 MB/s over 100. */
const largest = 4 * 1024 * 1024;
/** Of one tunnel, beyond the first window of each stream. */
const mostLent = 32 * 1024 * 1024;

/**
 * How much the other end may send ahead. Every stream begins with a small window, behind which nothing else of the tunnel
 * waits for long; where the other end is far, one whose reader keeps up is given what fills the line.
 */
export class Windows {
  #roundTripMs = 0;
  #lent = 0;

  /** A round trip took so long; the shortest counts, as longer ones stood in a queue. */
  measured(ms: number): void {
    this.#roundTripMs = this.#roundTripMs === 0 ? ms : Math.min(this.#roundTripMs, ms);
  }

  /** What a stream may have beyond its first window; to be given back with its end. */
  lend(): number {
    const more = Math.min(largest, Math.floor(this.#roundTripMs * bytesPerMs)) - window;
    if (more <= 0 || this.#lent + more > mostLent) return 0;
    this.#lent += more;
    return more;
  }

  giveBack(bytes: number): void {
    this.#lent -= bytes;
  }
}
