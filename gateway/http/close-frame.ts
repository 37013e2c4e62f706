import type { Duplex } from 'node:stream';
import { closeReason } from '../../contracts/agent/wire.ts';

/** 1008: access was refused or revoked. 1012: the service restarts (RFC 6455, section 7.4). */
export type CloseCode = 1008 | 1012;

const closeFrame = (code: CloseCode, reason: string): Buffer => {
  const text = Buffer.from(closeReason(reason));
  return Buffer.concat([Buffer.of(0x88, 2 + text.length, code >> 8, code & 0xff), text]);
};

/**
 * Closes a forwarded WebSocket with a reason. The frame may land in the middle of a message from the other end; the
 * client then sees no reason, only that the connection broke off.
 */
export const closeWebSocket = (socket: Duplex, upstream: Duplex, code: CloseCode, reason: string): void => {
  upstream.unpipe(socket);
  socket.end(closeFrame(code, reason));
  upstream.destroy();
};
