import { channel } from '../../../contracts/session.ts';

const encoder = new TextEncoder();

/** Keystrokes as a binary message: the channel, then the bytes. */
export const stdinFrame = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = encoder.encode(text);
  const frame = new Uint8Array(bytes.length + 1);
  frame[0] = channel.stdin;
  frame.set(bytes, 1);
  return frame;
};

/** What a binary message shows; `undefined` for a channel that a screen does not show. */
export const outputOf = (message: ArrayBuffer): Uint8Array | undefined => {
  const bytes = new Uint8Array(message);
  const shown = bytes[0] === channel.stdout || bytes[0] === channel.stderr;
  return shown ? bytes.subarray(1) : undefined;
};

/** What Ctrl makes of a key: `c` becomes ^C. Keys that have no control character stay. */
export const withControl = (key: string): string => {
  const code = key.toUpperCase().charCodeAt(0);
  if (key.length !== 1) return key;
  if (key === ' ') return '\u0000';
  if (key === '?') return '\u007f';
  return code >= 64 && code <= 95 ? String.fromCharCode(code - 64) : key;
};

/** Milliseconds before another try, after so many in vain: 0.5 s, doubled up to 8 s. */
export const backOff = (failures: number): number => Math.min(8_000, 500 * 2 ** Math.min(failures, 10));
