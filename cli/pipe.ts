import type { Readable, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { eofMessage } from '../contracts/wire.ts';
import { brokenOff } from './open-session.ts';

const highWater = 1024 * 1024;

const send = (socket: WebSocket, from: Readable): void => {
  from.on('data', (piece: Buffer) => {
    socket.send(piece, () => {
      if (socket.bufferedAmount < highWater) from.resume();
    });
    if (socket.bufferedAmount >= highWater) from.pause();
  });
  // It may have been held back until now.
  from.resume();
  from.once('end', () => {
    if (socket.readyState === WebSocket.OPEN) socket.send(eofMessage);
  });
};

/**
 * Passes bytes between a byte session and a pair of streams, each direction with its own end, no faster than the slower
 * side. Resolves when the session has ended well; throws the words of who ended it otherwise.
 */
export const pipeSession = (socket: WebSocket, from: Readable, to: Writable): Promise<void> => {
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return void to.end();
    if (to.write(data) || socket.isPaused) return;
    socket.pause();
    to.once('drain', () => socket.resume());
  });
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('close', (code, reason) => (code === 1000 ? resolve() : reject(brokenOff(code, reason))));
  });
  for (const stream of [from, to]) stream.once('error', () => socket.terminate());
  send(socket, from);
  socket.resume();
  return ended;
};
