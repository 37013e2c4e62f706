import type { Log } from '../base/log.ts';
import { redactSecrets } from '../base/redact.ts';

/** Logs to stderr for a terminal. Errors include their stack, because there is no other log to consult. */
export const terminalLog: Log = (level, message, fields = {}) => {
  if (level === 'info' && process.env['BERTH_LOG'] !== 'info') return;
  const told = Object.entries(fields).map(([name, value]) => `${name}=${textOf(value)}`);
  process.stderr.write(
    `${new Date().toISOString()} ${level} ${redactSecrets(message)}${told.length > 0 ? ` ${told.join(' ')}` : ''}\n`,
  );
};

/** Redacts secrets and removes control characters, because values may contain untrusted text. */
const textOf = (value: unknown): string => plain(redactSecrets(rawText(value)));

const plain = (text: string): string =>
  text.replace(/\p{Cc}/gu, (character) =>
    character === '\n' ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

const rawText = (value: unknown): string => {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
};
