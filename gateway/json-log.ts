import type { Log } from './log.ts';

const plain = (_: string, value: unknown): unknown =>
  value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;

/** One line of JSON per message, as CloudWatch Logs takes them apart. */
export const jsonLog =
  (write: (line: string) => void): Log =>
  (level, message, fields) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, plain)}\n`);
