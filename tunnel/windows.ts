import { initialWindow } from './frames.ts';

/** The throughput that one stream should reach whatever the distance: 150 MB/s. */
const targetBytesPerMs = 150_000;
/** Enough for that throughput at a round trip of 28 ms, and for 40 MB/s at 100 ms. */
const maxWindow = 4 * 1024 * 1024;
/** The extra windows of all streams of one tunnel together. */
const maxExtra = 32 * 1024 * 1024;

/**
 * Decides how much the other end may send ahead. Every stream starts with a small window, so that its data delays other
 * streams only briefly. With a distant peer, a stream whose reader keeps up gets a window of the bandwidth-delay
 * product.
 */
export class ReceiveWindows {
  #roundTripMs = 0;
  #extra = 0;

  /** Keeps the shortest round trip: longer ones include time spent in a queue. */
  recordRoundTrip(ms: number): void {
    this.#roundTripMs = this.#roundTripMs === 0 ? ms : Math.min(this.#roundTripMs, ms);
  }

  /** Bytes that a stream may receive beyond its initial window. It calls `releaseExtra` when it ends. */
  grantExtra(): number {
    const more = Math.min(maxWindow, Math.floor(this.#roundTripMs * targetBytesPerMs)) - initialWindow;
    if (more <= 0 || this.#extra + more > maxExtra) return 0;
    this.#extra += more;
    return more;
  }

  releaseExtra(bytes: number): void {
    this.#extra -= bytes;
  }
}
