import { channel } from '../../contracts/agent/wire.ts';
import { highWater, type SessionSocket } from '../sessions/session-socket.ts';

/**
 * A viewer this far behind is disconnected instead of delaying the others. It reconnects to the then current screen.
 */
const maxBehindBytes = 8 * highWater;

export interface Size {
  columns: number;
  rows: number;
}

/** A client that shows a terminal. */
export interface Viewer {
  readonly socket: SessionSocket;
  /** The size of its window. */
  size: Size | undefined;
  focused: boolean;
  /** Messages since it joined, queued until it was sent the screen as of then; `undefined` afterwards. */
  queued: (() => void)[] | undefined;
}

/** The viewers of one terminal. The active one, which last typed or got the focus, comes first. */
export class Viewers {
  #all: Viewer[] = [];

  get count(): number {
    return this.#all.length;
  }

  /** The size of the active viewer's window. */
  get size(): Size | undefined {
    return this.#all.find(({ size }) => size !== undefined)?.size;
  }

  get focused(): boolean {
    return this.#all.some(({ focused }) => focused);
  }

  /** Bytes that wait for the fastest viewer. */
  get bufferedBytes(): number {
    return this.#all.length === 0 ? 0 : Math.min(...this.#all.map(({ socket }) => socket.bufferedBytes));
  }

  /** Adds a viewer without making it active, because another person may be typing. */
  join(socket: SessionSocket, size: Size | undefined): Viewer {
    const viewer: Viewer = { socket, size, focused: false, queued: [] };
    this.#all.push(viewer);
    return viewer;
  }

  /** Sends a viewer the screen as of when it joined, and everything since. */
  sendScreen(viewer: Viewer, screen: Buffer): void {
    viewer.socket.output(channel.stdout, screen);
    for (const send of viewer.queued ?? []) send();
    viewer.queued = undefined;
  }

  leave(viewer: Viewer): void {
    this.#all = this.#all.filter((other) => other !== viewer);
  }

  activate(viewer: Viewer): void {
    if (this.#all[0] === viewer) return;
    this.leave(viewer);
    this.#all.unshift(viewer);
  }

  output(bytes: Buffer, sent: () => void): void {
    this.#each(({ socket }) => {
      socket.output(channel.stdout, bytes, sent);
      if (socket.bufferedBytes > maxBehindBytes) socket.terminate();
    });
  }

  resized({ columns, rows }: Size): void {
    this.#each(({ socket }) => socket.reply({ type: 'size', columns, rows }));
  }

  exit(code: number, signal?: string): void {
    this.#each(({ socket }) => socket.exit(code, signal));
  }

  #each(send: (viewer: Viewer) => void): void {
    for (const viewer of this.#all) {
      if (viewer.queued === undefined) send(viewer);
      else viewer.queued.push(() => send(viewer));
    }
  }
}
