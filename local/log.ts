import type { Log } from '../functions/runtime.ts';

/** Lines for a person at a terminal, on stderr. Errors keep their stack, as nobody else is there to ask. */
export const terminalLog: Log = (level, message, fields = {}) => {
  if (level === 'info' && process.env['BERTH_LOG'] !== 'info') return;
  const told = Object.entries(fields).map(([name, value]) => `${name}=${textOf(value)}`);
  process.stderr.write(
    `${new Date().toISOString()} ${level} ${message}${told.length > 0 ? ` ${told.join(' ')}` : ''}\n`,
  );
};

/** Others' words are among them: no control character of theirs reaches the terminal. */
const textOf = (value: unknown): string => plain(rawText(value));

const plain = (text: string): string =>
  text.replace(/\p{Cc}/gu, (character) =>
    character === '\n' ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

const rawText = (value: unknown): string => {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
};
