import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Options } from './output.ts';

const discard = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Whether the command may prompt: stdin and stderr are terminals, and with `--json` a program reads the output. */
export const canPrompt = ({ json = false }: Options): boolean => !json && process.stdin.isTTY && process.stderr.isTTY;

/** Why the command may not prompt, as the end of a sentence. */
export const whyNoPrompt = ({ json = false }: Options): string =>
  json ? 'there is no prompt with --json' : 'confirmation needs a terminal';

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
