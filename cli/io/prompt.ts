import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const discard = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Whether stdin and stderr are terminals, so that the command can prompt. */
export const isInteractive = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * Prompts for a line; returns `undefined` on Ctrl-C or Ctrl-D. A `secret` line is not echoed, because it would stay in
 * the terminal's scrollback.
 */
export const prompt = async (question: string, { secret = false } = {}): Promise<string | undefined> => {
  const output = secret ? discard() : process.stderr;
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  // From here on, Ctrl-C no longer sends a SIGINT.
  if (secret) process.stderr.write(question);
  try {
    return await terminal.question(secret ? '' : question);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ABORT_ERR') return undefined;
    throw error;
  } finally {
    terminal.close();
    if (secret) process.stderr.write('\n');
  }
};

/** Asks for confirmation; anything but `y` or `yes` declines. */
export const confirm = async (question: string): Promise<boolean> => {
  const input = await prompt(`${question} [y/N] `);
  if (input === undefined) process.stderr.write('\n');
  return /^y(es)?$/i.test(input?.trim() ?? '');
};
