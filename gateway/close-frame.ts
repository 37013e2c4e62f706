import type { Duplex } from 'node:stream';
import { closeReason } from '../contracts/wire.ts';

/** 1008: a right is not there (any more). 1012: the service restarts. */
export type CloseCode = 1008 | 1012;

const closeFrame = (code: CloseCode, reason: string): Buffer => {
  const text = Buffer.from(closeReason(reason));
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
