import { channel } from '../contracts/wire.ts';
import { type Pty, resizePty } from './pty.ts';
import { Ring } from './ring.ts';
import { highWater, lowWater, type SessionSocket } from './session-socket.ts';
import { signalName } from './signals.ts';

const scrollbackBytes = 256 * 1024;
/** A viewer this far behind is cut off; it comes back to the scrollback instead of holding the others up. */
const cutOffBytes = 8 * highWater;

/** One PTY, its scrollback, and everyone who looks at it. */
export class Terminal {
  readonly #pty: Pty;
  readonly #scrollback = new Ring(scrollbackBytes);
  readonly #viewers = new Set<SessionSocket>();
  #ended = false;

  constructor(pty: Pty, ended: () => void) {
    this.#pty = pty;
    pty.onData((bytes) => this.#show(bytes));
    pty.onExit(({ exitCode, signal }) => {
      this.#ended = true;
      ended();
      for (const viewer of this.#viewers) {
        if (signal) viewer.exit(128 + signal, signalName(signal));
        else viewer.exit(exitCode);
      }
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Shows what was written so far, then everything as it comes. */
  attach(viewer: SessionSocket): void {
    viewer.reply({ type: 'started', pid: this.pid });
    const past = this.#scrollback.read();
    // A cut scrollback begins somewhere in a line, maybe inside an escape sequence: begin with the next line.
    const start = this.#scrollback.lost > 0 ? past.indexOf(0x0a) + 1 : 0;
    if (past.length > start) viewer.output(channel.stdout, past.subarray(start));
    this.#viewers.add(viewer);
  }

  detach(viewer: SessionSocket): void {
    this.#viewers.delete(viewer);
    this.#keepUp();
  }

  write(bytes: Buffer): void {
    if (!this.#ended) this.#pty.write(bytes);
  }

  resize(columns: number, rows: number): void {
    if (!this.#ended) resizePty(this.#pty, columns, rows);
  }

  #show(bytes: Buffer): void {
    this.#scrollback.write(bytes);
    for (const viewer of this.#viewers) {
      viewer.output(channel.stdout, bytes, () => this.#keepUp());
      if (viewer.waiting > cutOffBytes) viewer.terminate();
    }
    if (this.#waiting > highWater) this.#pty.pause();
  }

  /** Goes on as soon as the quickest viewer has caught up. */
  #keepUp(): void {
    if (this.#waiting < lowWater) this.#pty.resume();
  }

  /** Bytes that wait for the quickest viewer. */
  get #waiting(): number {
    return this.#viewers.size === 0 ? 0 : Math.min(...[...this.#viewers].map(({ waiting }) => waiting));
  }
}
