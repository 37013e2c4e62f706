import { ApiError } from '../../../contracts/client.ts';
import {
  SessionReply,
  type SessionRequest,
  sessionPath,
  sessionProtocol,
  ticketProtocolPrefix,
} from '../../../contracts/session.ts';
import { backOff, outputOf, stdinFrame } from './frames.ts';

export type ConnectionState =
  | { status: 'connecting' }
  | { status: 'open' }
  /** It broke off and is tried again by itself. */
  | { status: 'lost' }
  /** The shell has ended. */
  | { status: 'ended'; code: number }
  /** Trying again would not help. */
  | { status: 'refused'; message: string };

interface Options {
  workspaceId: string;
  /** Name of the terminal; the same name again resumes the same shell with what it showed. */
  terminal: string;
  size: () => { columns: number; rows: number };
  /** A fresh ticket; each is taken once. */
  ticket: () => Promise<string>;
  onOutput: (bytes: Uint8Array) => void;
  /** A resumed terminal is about to show everything again. */
  onResume: () => void;
  onState: (state: ConnectionState) => void;
}

const address = (workspaceId: string): string => {
  const url = new URL(sessionPath(workspaceId, 'terminal'), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
};

/** A terminal's connection, made anew with back-off until the shell ends or `close` is called. */
export class TerminalConnection {
  readonly #options: Options;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #connections = 0;
  #over = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Connects now, without waiting for the next try. */
  connect(): void {
    if (this.#over || this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    this.#options.onState({ status: this.#connections === 0 ? 'connecting' : 'lost' });
    this.#open().catch((error: unknown) => this.#failed(error));
  }

  send(text: string): void {
    if (this.#isOpen()) this.#socket?.send(stdinFrame(text));
  }

  resize(): void {
    this.#request({ type: 'resize', ...this.#options.size() });
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  async #open(): Promise<void> {
    const ticket = await this.#options.ticket();
    if (this.#over) return;
    const { workspaceId } = this.#options;
    const socket = new WebSocket(address(workspaceId), [sessionProtocol, ticketProtocolPrefix + ticket]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    let silent = true;
    socket.onopen = () => this.#request({ type: 'start', terminal: this.#options.terminal, ...this.#options.size() });
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (silent) this.#begin();
      silent = false;
      if (typeof data === 'string') this.#reply(data);
      else this.#output(data);
    };
    socket.onclose = () => this.#closed(socket);
  }

  #begin(): void {
    if (this.#connections > 0) this.#options.onResume();
    this.#connections += 1;
    this.#failures = 0;
    this.#options.onState({ status: 'open' });
  }

  #output(data: ArrayBuffer): void {
    const bytes = outputOf(data);
    if (bytes !== undefined) this.#options.onOutput(bytes);
  }

  #reply(text: string): void {
    const reply = SessionReply.parse(JSON.parse(text));
    if (reply.type === 'started') return;
    this.#over = true;
    this.#options.onState(
      reply.type === 'exit' ? { status: 'ended', code: reply.code } : { status: 'refused', message: reply.message },
    );
    this.#socket?.close();
  }

  #request(request: SessionRequest): void {
    if (this.#isOpen()) this.#socket?.send(JSON.stringify(request));
  }

  #isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #closed(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#again();
  }

  #failed(error: unknown): void {
    const final = error instanceof ApiError && error.problem.status < 500;
    if (final) {
      this.#over = true;
      this.#options.onState({ status: 'refused', message: error.message });
    } else this.#again();
  }

  #again(): void {
    if (this.#over) return;
    this.#options.onState({ status: 'lost' });
    this.#timer = setTimeout(() => this.connect(), backOff(this.#failures));
    this.#failures += 1;
  }
}
