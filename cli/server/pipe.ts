import type { Readable, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { eofMessage } from '../../contracts/agent/wire.ts';
import { sessionClosedError } from './open-session.ts';

const highWater = 1024 * 1024;

const send = (socket: WebSocket, from: Readable): void => {
  from.on('data', (chunk: Buffer) => {
    socket.send(chunk, () => {
      if (socket.bufferedAmount < highWater) from.resume();
    });
    if (socket.bufferedAmount >= highWater) from.pause();
  });
  // The caller may have paused the stream until now.
  from.resume();
  from.once('end', () => {
    if (socket.readyState === WebSocket.OPEN) socket.send(eofMessage);
  });
};

/**
 * Pipes bytes between a byte session and a pair of streams, with back-pressure and a separate end for each direction.
 * Resolves when the session ends normally; otherwise throws an error with the close reason.
 */
export const pipeSession = (socket: WebSocket, from: Readable, to: Writable): Promise<void> => {
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return void to.end();
    if (to.write(data) || socket.isPaused) return;
    socket.pause();
    to.once('drain', () => socket.resume());
  });
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('close', (code, reason) => (code === 1000 ? resolve() : reject(sessionClosedError(code, reason))));
  });
  for (const stream of [from, to]) stream.once('error', () => socket.terminate());
  send(socket, from);
  socket.resume();
  return ended;
};
