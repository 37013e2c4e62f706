import { styleText } from 'node:util';
import { sanitizeLine } from '../../base/sanitize.ts';

/** The terminal's width in columns, or infinity if stdout is not a terminal. */
const terminalWidth = (): number => (process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY);

const truncate = (text: string, maxLength: number): string => {
  const characters = [...text];
  return characters.length <= maxLength ? text : `${characters.slice(0, maxLength - 1).join('')}…`;
};

/** A description that is truncated to fewer columns is useless. */
const minTruncatedWidth = 20;

/**
 * Formats rows under a header, with each column as wide as its content. With `truncateLast`, the last column is
 * truncated to fit the terminal. Use it for prose only, because a truncated URL cannot be copied.
 */
export const table = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { truncateLast = false, width = terminalWidth() } = {},
): string => {
  const all = [header, ...rows].map((row) => row.map(sanitizeLine));
  const widths = header.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  const maxLength = truncateLast ? Math.max(minTruncatedWidth, width - before) : Number.POSITIVE_INFINITY;
  const cell = (text: string, column: number) =>
    column === header.length - 1
      ? truncate(text, maxLength)
      : text + ' '.repeat((widths[column] ?? 0) - [...text].length);
  return all.map((row) => `${row.map(cell).join('  ').trimEnd()}\n`).join('');
};

/** Formats name-value pairs, one per line, with the names in one column. */
export const fieldList = (entries: readonly (readonly [string, string | undefined])[]): string =>
  table(
    ['', ''],
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).replace(/^\n/, '');

/** Formats a duration: `0.4s`, `12s`, `2m 3s`, `1h 58m`, `3d 4h`. */
export const duration = (ms: number): string => {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
};

/** Formats a timestamp in the local time zone. */
export const dateTime = (instant: string): string => {
  const at = new Date(instant);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
};

type Tone = 'good' | 'bad' | 'busy' | 'quiet';
const formats = { good: 'green', bad: 'red', busy: 'yellow', quiet: 'dim' } as const;

/** Colors the text if the stream is a terminal that supports colors and NO_COLOR is not set. */
export const colored = (tone: Tone, text: string, stream: NodeJS.WriteStream): string =>
  // In Node 20, styleText ignores the stream. `hasColors` considers NO_COLOR and what the terminal supports.
  stream.isTTY && stream.hasColors() ? styleText(formats[tone], text, { validateStream: false }) : text;
