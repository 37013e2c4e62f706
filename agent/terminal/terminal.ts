import { type Pty, resizePty } from '../processes/pty.ts';
import { PtyInput } from '../processes/pty-input.ts';
import { signalName } from '../processes/signals.ts';
import { highWater, lowWater, type SessionSocket } from '../sessions/session-socket.ts';
import { Screen } from './screen.ts';
import { type Size, type Viewer, Viewers } from './viewers.ts';

/**
 * Above this many bytes not yet applied to the screen the program is paused: two chunks as they are read from a PTY.
 */
const maxBacklog = 128 * 1024;

/** One PTY, its screen and its viewers. */
export class Terminal {
  readonly #pty: Pty;
  readonly #input: PtyInput;
  readonly #screen: Screen;
  readonly #viewers = new Viewers();
  /** Clients whose input is paused until the program reads. */
  readonly #pausedSockets = new Set<SessionSocket>();
  #size: Size;
  #reportedFocus = false;
  #ended = false;

  constructor(pty: Pty, size: Size, ended: () => void) {
    this.#pty = pty;
    this.#input = new PtyInput(pty, () => this.#resumeInput());
    this.#size = size;
    this.#screen = new Screen(size.columns, size.rows, {
      respond: (text) => this.#respond(text),
      focusReportsEnabled: () => this.#reportFocus(),
    });
    pty.onData((bytes) => this.#show(bytes));
    pty.onExit(({ exitCode, signal }) => {
      this.#ended = true;
      this.#input.close();
      ended();
      // After the screens of viewers that joined last.
      this.#screen.afterWrites(() => {
        if (signal) this.#viewers.exit(128 + signal, signalName(signal));
        else this.#viewers.exit(exitCode);
        this.#screen.dispose();
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Sends a new viewer the current screen, then all further output. */
  attach(socket: SessionSocket, size: Size | undefined): Viewer {
    const viewer = this.#viewers.join(socket, size);
    this.#fitSize();
    socket.reply({ type: 'started', pid: this.pid, ...this.#size });
    this.#screen.afterWrites(() => this.#viewers.sendScreen(viewer, this.#screen.snapshot()));
    return viewer;
  }

  detach(viewer: Viewer): void {
    this.#viewers.leave(viewer);
    this.#fitSize();
    this.#updateFocus();
    this.#resumeOutput();
  }

  /** Passes on what a person typed or pasted. Their connection is paused while the program does not read. */
  input(viewer: Viewer, bytes: Buffer): void {
    this.#viewers.activate(viewer);
    this.#fitSize();
    this.#input.write(bytes);
    if (!this.#input.hasPending) return;
    viewer.socket.pause();
    this.#pausedSockets.add(viewer.socket);
  }

  resize(viewer: Viewer, size: Size): void {
    viewer.size = size;
    this.#fitSize();
  }

  focus(viewer: Viewer, focused: boolean): void {
    viewer.focused = focused;
    if (focused) this.#viewers.activate(viewer);
    this.#fitSize();
    this.#updateFocus();
  }

  #resumeInput(): void {
    for (const socket of this.#pausedSockets) socket.resume();
    this.#pausedSockets.clear();
  }

  /**
   * Drops the response while the program has not read earlier input: a program that queries and never reads would fill
   * the memory.
   */
  #respond(text: string): void {
    if (!this.#input.hasPending) this.#input.write(Buffer.from(text));
  }

  /** Resizes the terminal to the active viewer. Without viewers it keeps its size. */
  #fitSize(): void {
    const { size } = this.#viewers;
    if (this.#ended || size === undefined) return;
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    resizePty(this.#pty, size.columns, size.rows);
    this.#screen.resize(size.columns, size.rows);
    this.#viewers.resized(size);
  }

  #updateFocus(): void {
    if (this.#viewers.focused === this.#reportedFocus) return;
    if (this.#screen.wantsFocusReports) this.#reportFocus();
    else this.#reportedFocus = this.#viewers.focused;
  }

  #reportFocus(): void {
    this.#reportedFocus = this.#viewers.focused;
    this.#respond(this.#reportedFocus ? '\u001b[I' : '\u001b[O');
  }

  #show(bytes: Buffer): void {
    const resume = () => this.#resumeOutput();
    this.#screen.write(bytes, resume);
    this.#viewers.output(bytes, resume);
    if (this.#viewers.bufferedBytes > highWater || this.#screen.backlog > maxBacklog) this.#pty.pause();
  }

  /** Resumes the program once the screen and the fastest viewer have caught up. */
  #resumeOutput(): void {
    if (this.#viewers.bufferedBytes < lowWater && this.#screen.backlog <= maxBacklog / 2) this.#pty.resume();
  }
}
