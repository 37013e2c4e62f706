import { type BackOff, backOffMs, noJitter } from '../../../../base/back-off.ts';
import { ApiError } from '../../../../contracts/client/calls.ts';
import { SessionReply, type SessionRequest } from '../../../../contracts/sessions/session.ts';
import { errorMessage } from '../../lib/errors.ts';
import { openSessionSocket, permissionRevoked } from '../../lib/sessionSocket.ts';
import { outputOf } from './frames.ts';
import { Outbox } from './outbox.ts';

export type ConnectionState =
  | { status: 'connecting' }
  | { status: 'open' }
  /** Retried automatically. `reason` comes from the gateway or the network. */
  | { status: 'lost'; reason?: string }
  /** The shell has ended. */
  | { status: 'ended'; code: number }
  /** Not retried. */
  | { status: 'refused'; message: string };

export interface Size {
  columns: number;
  rows: number;
}

interface Options {
  workspaceId: string;
  /** Name of the terminal; the same name resumes the same shell and screen. */
  terminal: string;
  /** The size that fits the page. */
  size: () => Size;
  /** Whether the terminal has the focus. */
  focused: () => boolean;
  /** Requests a new ticket; each is single-use. */
  ticket: () => Promise<string>;
  /** Writes output; call `shown` once it is on the screen. */
  onOutput: (bytes: Uint8Array, shown: () => void) => void;
  /** The terminal has this size from now on: that of the viewer who types. */
  onSize: (size: Size) => void;
  /** A resumed terminal is about to replay its screen. */
  onResume: () => void;
  /** The connection was lost before all input was sent. */
  onUnsent: () => void;
  onState: (state: ConnectionState) => void;
}

/**
 * The most output that may wait to be rendered. A hidden page renders little, but must not slow the program down, so
 * there is no backpressure to the agent: output beyond this limit is dropped, and the terminal is rejoined to get the
 * current screen. xterm.js itself loses output beyond 50 MB.
 */
const maxUnshownBytes = 4 * 1024 * 1024;

const backOff: BackOff = { firstDelayMs: 500, longestDelayMs: 8_000, jitter: noJitter };

/** The connection of a terminal, which reconnects with back-off until the shell ends or `close` is called. */
export class TerminalConnection {
  readonly #options: Options;
  #socket: WebSocket | undefined;
  #outbox: Outbox | undefined;
  /** The agent has a screen of its own: it responds to queries of programs and decides the size. */
  #agentHasScreen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #connections = 0;
  #isClosed = false;
  /** Bytes that are not rendered yet, of this connection and earlier ones. */
  #unshownBytes = 0;
  /** Output is dropped until everything that waits is rendered. */
  #isBehind = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Connects now instead of waiting for the next retry. */
  connect(): void {
    if (this.#isClosed || this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    if (this.#connections === 0) this.#options.onState({ status: 'connecting' });
    this.#open().catch((error: unknown) => this.#onFailure(error));
  }

  get agentHasScreen(): boolean {
    return this.#agentHasScreen;
  }

  send(text: string): void {
    if (this.#isOpen()) this.#outbox?.send(text);
  }

  /** Call when the available size changed. */
  resize(): void {
    const size = this.#options.size();
    this.#request({ type: 'resize', ...size });
    if (!this.#agentHasScreen) this.#options.onSize(size);
  }

  /** Call when the terminal gains or loses the focus. */
  focus(): void {
    if (this.#agentHasScreen) this.#request({ type: 'focus', focused: this.#options.focused() });
  }

  /** Reconnects, for example after a network change, when the old connection may be dead without an error. */
  reconnect(reason: string): void {
    if (this.#socket !== undefined) this.disconnect(reason);
    this.connect();
  }

  /** Disconnects until `connect` is called, because there is no network. */
  disconnect(reason: string): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#discardSocket();
    this.#options.onState({ status: 'lost', reason });
  }

  /** Ends the shell and its processes. Without a connection, they keep running in the workspace. */
  end(): void {
    this.#request({ type: 'signal', signal: 'SIGHUP' });
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#outbox?.close();
  }

  #discardSocket(): void {
    this.#socket = undefined;
    if (this.#outbox?.close()) this.#options.onUnsent();
  }

  async #open(): Promise<void> {
    const ticket = await this.#options.ticket();
    if (this.#isClosed) return;
    const socket = openSessionSocket(this.#options.workspaceId, 'terminal', ticket);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    let isFirst = true;
    socket.onopen = () => this.#request({ type: 'start', terminal: this.#options.terminal, ...this.#options.size() });
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#socket !== socket) return;
      if (isFirst) this.#onFirstMessage();
      isFirst = false;
      if (typeof data === 'string') this.#handleReply(data);
      else this.#handleOutput(data);
    };
    socket.onclose = (event) => this.#onClose(socket, event);
  }

  #onFirstMessage(): void {
    this.#isBehind = false;
    if (this.#connections > 0) this.#options.onResume();
    this.#connections += 1;
    this.#failures = 0;
    this.#options.onState({ status: 'open' });
  }

  #handleOutput(data: ArrayBuffer): void {
    const bytes = outputOf(data);
    if (bytes === undefined || this.#isBehind) return;
    // Checked before adding: if nothing waits, output of any size is rendered, so that `shown` is called again.
    this.#isBehind = this.#unshownBytes > maxUnshownBytes;
    if (this.#isBehind) return;
    this.#unshownBytes += bytes.length;
    this.#options.onOutput(bytes, () => {
      this.#unshownBytes -= bytes.length;
      if (this.#isBehind && this.#unshownBytes === 0) this.#rejoin();
    });
  }

  /** Reconnects once rendering has caught up. Until then the old connection still sends input. */
  #rejoin(): void {
    const socket = this.#socket;
    if (this.#isClosed || socket === undefined) return;
    this.#discardSocket();
    socket.close();
    this.connect();
  }

  #handleReply(text: string): void {
    const reply = SessionReply.parse(JSON.parse(text));
    if (reply.type === 'started') this.#started(reply);
    else if (reply.type === 'size') this.#options.onSize(reply);
    else if (reply.type === 'exit') this.#end({ status: 'ended', code: reply.code });
    else this.#end({ status: 'refused', message: reply.message });
  }

  #end(state: ConnectionState): void {
    this.#isClosed = true;
    this.#options.onState(state);
    this.#socket?.close();
  }

  #started({ columns, rows }: Extract<SessionReply, { type: 'started' }>): void {
    this.#agentHasScreen = columns !== undefined && rows !== undefined;
    if (columns === undefined || rows === undefined) return;
    this.#options.onSize({ columns, rows });
    this.focus();
  }

  #request(request: SessionRequest): void {
    if (this.#isOpen()) this.#socket?.send(JSON.stringify(request));
  }

  #isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #onClose(socket: WebSocket, { code, reason }: CloseEvent): void {
    if (this.#socket !== socket) return;
    this.#discardSocket();
    if (code === permissionRevoked) this.#refuse(reason || 'You no longer have access to this workspace.');
    else this.#retryLater(reason);
  }

  #onFailure(error: unknown): void {
    const final = error instanceof ApiError && error.problem.status < 500;
    if (final) this.#refuse(error.message);
    else this.#retryLater(errorMessage(error));
  }

  #refuse(message: string): void {
    this.#isClosed = true;
    this.#options.onState({ status: 'refused', message });
  }

  #retryLater(reason: string): void {
    if (this.#isClosed) return;
    this.#options.onState({ status: 'lost', ...(reason === '' ? {} : { reason }) });
    this.#failures += 1;
    this.#timer = setTimeout(() => this.connect(), backOffMs(this.#failures, backOff));
  }
}
