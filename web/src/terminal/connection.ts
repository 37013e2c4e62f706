import { ApiError } from '../../../contracts/calls.ts';
import {
  SessionReply,
  type SessionRequest,
  sessionPath,
  sessionProtocol,
  ticketProtocolPrefix,
} from '../../../contracts/session.ts';
import { sentenceOf } from '../lib/problem.ts';
import { backOff, outputOf, stdinFrame } from './frames.ts';

export type ConnectionState =
  | { status: 'connecting' }
  | { status: 'open' }
  /** It broke off and is tried again by itself. `reason` is what the gateway said, or that there is no network. */
  | { status: 'lost'; reason?: string }
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

/** The gateway's word that a right is not there any more: trying again would not help. */
const policyClose = 1008;

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
    if (this.#connections === 0) this.#options.onState({ status: 'connecting' });
    this.#open().catch((error: unknown) => this.#failed(error));
  }

  send(text: string): void {
    if (this.#isOpen()) this.#socket?.send(stdinFrame(text));
  }

  resize(): void {
    this.#request({ type: 'resize', ...this.#options.size() });
  }

  /** Connects anew, as after another network was joined: the old connection may be dead without a word. */
  renew(reason: string): void {
    if (this.#socket !== undefined) this.drop(reason);
    this.connect();
  }

  /** Lets go until `connect` is called, as there is no network. */
  drop(reason: string): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#options.onState({ status: 'lost', reason });
  }

  /** Ends the shell with what runs in it. Where there is no connection, it runs on in the workspace. */
  end(): void {
    this.#request({ type: 'signal', signal: 'SIGHUP' });
    this.close();
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
      if (this.#socket !== socket) return;
      if (silent) this.#begin();
      silent = false;
      if (typeof data === 'string') this.#reply(data);
      else this.#output(data);
    };
    socket.onclose = (event) => this.#closed(socket, event);
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

  #closed(socket: WebSocket, { code, reason }: CloseEvent): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    if (code === policyClose) this.#refuse(reason || 'You may not use this workspace any more.');
    else this.#again(reason);
  }

  #failed(error: unknown): void {
    const final = error instanceof ApiError && error.problem.status < 500;
    if (final) this.#refuse(error.message);
    else this.#again(sentenceOf(error));
  }

  #refuse(message: string): void {
    this.#over = true;
    this.#options.onState({ status: 'refused', message });
  }

  #again(reason: string): void {
    if (this.#over) return;
    this.#options.onState({ status: 'lost', ...(reason === '' ? {} : { reason }) });
    this.#timer = setTimeout(() => this.connect(), backOff(this.#failures));
    this.#failures += 1;
  }
}
