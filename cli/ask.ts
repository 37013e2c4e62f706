import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const nowhere = (): Writable => new Writable({ write: (_piece, _encoding, done) => done() });

/**
 * Asks the person at the terminal for a line; `undefined` when they leave by Ctrl-C or Ctrl-D. What is `secret` is not
 * shown: it would stay in the terminal's history.
 */
export const ask = async (question: string, { secret = false } = {}): Promise<string | undefined> => {
  if (secret) process.stderr.write(question);
  const output = secret ? nowhere() : process.stderr;
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
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
