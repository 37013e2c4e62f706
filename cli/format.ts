import { styleText } from 'node:util';
import { harmless } from './harmless.ts';

/** Rows under a header, in columns as wide as needed. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string => {
  const all = [header, ...rows].map((row) => row.map(harmless));
  const widths = header.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
  const padded = (row: readonly string[]) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length));
  return all.map((row) => `${padded(row).join('  ').trimEnd()}\n`).join('');
};

/** Facts under each other, their names in one column. */
export const facts = (entries: readonly (readonly [string, string | undefined])[]): string =>
  table(
    ['', ''],
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).replace(/^\n/, '');

/** How long something took or will take: `0.4 s`, `12 s`, `2 min 3 s`, `1 h 58 min`, `3 d 4 h`. */
export const duration = (ms: number): string => {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
};

/** A moment in the person's own time. */
export const moment = (instant: string): string => {
  const at = new Date(instant);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
};

type Tone = 'good' | 'bad' | 'busy' | 'quiet';
const formats = { good: 'green', bad: 'red', busy: 'yellow', quiet: 'dim' } as const;

/** Coloured where the stream is a terminal that takes colours and NO_COLOR is not set. */
export const tinted = (tone: Tone, text: string, stream: NodeJS.WritableStream): string =>
  styleText(formats[tone], text, { stream });
