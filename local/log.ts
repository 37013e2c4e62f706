import type { Log } from '../base/log.ts';
import { redactSecrets } from '../base/redact.ts';
import { sanitizeLines } from '../base/sanitize.ts';

/** Logs to stderr for a terminal. Errors include their stack, because there is no other log to consult. */
export const terminalLog: Log = (level, message, fields = {}) => {
  if (level === 'info' && process.env['BERTH_LOG'] !== 'info') return;
  const values = Object.entries(fields).map(([name, value]) => ` ${name}=${textOf(value)}`);
  process.stderr.write(`${new Date().toISOString()} ${level} ${redactSecrets(message)}${values.join('')}\n`);
};

/** Redacts secrets and escapes control characters, because values may contain untrusted text. */
const textOf = (value: unknown): string => sanitizeLines(redactSecrets(rawText(value)));

const rawText = (value: unknown): string => {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
};
