import type { Duplex } from 'node:stream';

/** 1008: a right is not there (any more). 1012: the service restarts. */
export type CloseCode = 1008 | 1012;

/** A close frame carries at most 125 bytes, of which two are the code. */
const longestReason = 123;

const cut = (reason: string): Buffer => {
  const bytes = Buffer.from(reason.replace(/[^\x20-\x7e]/g, '?'));
  return bytes.length <= longestReason ? bytes : bytes.subarray(0, longestReason);
};

export const closeFrame = (code: CloseCode, reason: string): Buffer => {
  const text = cut(reason);
  return Buffer.concat([Buffer.of(0x88, 2 + text.length, code >> 8, code & 0xff), text]);
};

/**
 * Ends a WebSocket that is passed through, with a reason. It may come in the middle of a message of the far end: then
 * the client reads no reason, only that the connection broke off.
 */
export const endSocket = (socket: Duplex, far: Duplex, code: CloseCode, reason: string): void => {
  far.unpipe(socket);
  socket.end(closeFrame(code, reason));
  far.destroy();
};
