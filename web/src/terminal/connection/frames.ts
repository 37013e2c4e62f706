import { channel } from '../../../../contracts/sessions/session.ts';

const encoder = new TextEncoder();

/** Small enough for every hop, and for a key typed during a long paste to be sent soon. */
const maxFrameBytes = 32 * 1024;

/** Encodes input as binary messages: a channel byte, then the data. */
export const stdinFrames = (text: string): Uint8Array<ArrayBuffer>[] => {
  const bytes = encoder.encode(text);
  const frames = [];
  for (let at = 0; at < bytes.length; at += maxFrameBytes) {
    const piece = bytes.subarray(at, at + maxFrameBytes);
    const frame = new Uint8Array(piece.length + 1);
    frame[0] = channel.stdin;
    frame.set(piece, 1);
    frames.push(frame);
  }
  return frames;
};

/** The output in a binary message; `undefined` for a channel that is not output. */
export const outputOf = (message: ArrayBuffer): Uint8Array | undefined => {
  const bytes = new Uint8Array(message);
  const shown = bytes[0] === channel.stdout || bytes[0] === channel.stderr;
  return shown ? bytes.subarray(1) : undefined;
};

/** Ctrl and a key: `c` becomes ^C. Keys without a control character are returned unchanged. */
export const withControl = (key: string): string => {
  const code = key.toUpperCase().charCodeAt(0);
  if (key.length !== 1) return key;
  if (key === ' ') return '\u0000';
  if (key === '?') return '\u007f';
  return code >= 64 && code <= 95 ? String.fromCharCode(code - 64) : key;
};
