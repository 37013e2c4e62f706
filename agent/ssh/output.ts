import type { Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import { signalExitCode } from '../processes/signals.ts';
import { clearPendingWrite } from './ssh2-internals.ts';

/** The signal names of RFC 4254, section 6.10. ssh2 throws for others. */
const signalNames = [
  'ABRT',
  'ALRM',
  'FPE',
  'HUP',
  'ILL',
  'INT',
  'KILL',
  'PIPE',
  'QUIT',
  'SEGV',
  'TERM',
  'USR1',
  'USR2',
];
const protocolSignals = new Set(signalNames.map((name) => `SIG${name}`));

/**
 * Sends the output of a process on its channel, one write at a time: stdout and stderr share the channel's window, and
 * ssh2 can wait for window space with only one of them. Writes wait while the client is behind.
 */
export class ChannelOutput {
  readonly #channel: ServerChannel;
  #sent: Promise<void> = Promise.resolve();

  constructor(channel: ServerChannel) {
    this.#channel = channel;
    // The client closed the channel. Writers see the close event.
    for (const stream of [channel, channel.stderr]) stream.on('error', () => channel.close());
  }

  /** Resolves when the bytes were sent. Once the channel is closed it stays pending. */
  send(bytes: Buffer, to: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const write = () =>
      new Promise<void>((resolve) => {
        (to === 'stdout' ? this.#channel : this.#channel.stderr).write(bytes, () => {
          clearPendingWrite(this.#channel);
          resolve();
        });
      });
    this.#sent = this.#sent.then(write);
    return this.#sent;
  }

  /** Reports how the process ended. A signal without a name in the protocol is reported as an exit code. */
  exit(code: number, signal?: string | null): void {
    if (!signal) this.#channel.exit(code);
    else if (protocolSignals.has(signal)) this.#channel.exit(signal.slice('SIG'.length), false, '');
    else this.#channel.exit(signalExitCode(signal));
  }

  /** Ends the channel after everything that was sent. */
  end(): void {
    void this.#sent.then(() => this.#channel.end());
  }

  /** Sends a whole stream. */
  async sendAll(from: Readable, to: 'stdout' | 'stderr'): Promise<void> {
    for await (const bytes of from as AsyncIterable<Buffer>) await this.send(bytes, to);
  }
}
