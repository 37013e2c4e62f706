import type { Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import { signalExitCode } from '../signals.ts';
import { forgetWaited } from './inside.ts';

/** RFC 4254, 6.10; ssh2 throws for others. */
const names = ['ABRT', 'ALRM', 'FPE', 'HUP', 'ILL', 'INT', 'KILL', 'PIPE', 'QUIT', 'SEGV', 'TERM', 'USR1', 'USR2'];
const named = new Set(names.map((name) => `SIG${name}`));

/**
 * Sends what a process writes on its channel, stdout and stderr in turn, as both share the channel's window and ssh2
 * can wait for it with one of them only. Each waits while the client is behind.
 */
export class Output {
  readonly #channel: ServerChannel;
  #sent: Promise<void> = Promise.resolve();

  constructor(channel: ServerChannel) {
    this.#channel = channel;
    // The client closed it: what is still written goes nowhere, and whoever writes hears of the close.
    for (const stream of [channel, channel.stderr]) stream.on('error', () => channel.close());
  }

  /** Resolves when the bytes left for the client; never, once the channel is closed. */
  send(bytes: Buffer, to: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const write = () =>
      new Promise<void>((resolve) => {
        (to === 'stdout' ? this.#channel : this.#channel.stderr).write(bytes, () => {
          forgetWaited(this.#channel);
          resolve();
        });
      });
    this.#sent = this.#sent.then(write);
    return this.#sent;
  }

  /** Tells how the process ended; a signal that the protocol has no name for is told as shells do. */
  exit(code: number, signal?: string | null): void {
    if (!signal) this.#channel.exit(code);
    else if (named.has(signal)) this.#channel.exit(signal.slice('SIG'.length), false, '');
    else this.#channel.exit(signalExitCode(signal));
  }

  /** Behind all that was sent. */
  end(): void {
    void this.#sent.then(() => this.#channel.end());
  }

  /** Sends all of a stream. */
  async sendAll(from: Readable, to: 'stdout' | 'stderr'): Promise<void> {
    for await (const bytes of from as AsyncIterable<Buffer>) await this.send(bytes, to);
  }
}
