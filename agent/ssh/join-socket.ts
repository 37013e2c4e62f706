import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import type { CleanupScope } from './cleanup-scope.ts';

/**
 * Connects a channel and a socket. The directions end separately, and the channel closes when both have ended. (On its
 * own ssh2 closes a channel as soon as the server's direction has ended.)
 */
export const joinSocket = (
  channel: ServerChannel,
  socket: Socket,
  scope: CleanupScope,
  sent?: (bytes: Buffer) => void,
): void => {
  let open = 2;
  const ended = () => {
    open -= 1;
    if (open === 0) channel.close();
  };
  // Once both directions have ended, the socket still has data for a program that reads late.
  const cut = () => {
    if (open > 0) socket.destroy();
  };
  const forget = scope.add(cut);
  if (sent !== undefined) channel.on('data', sent);
  channel.once('end', ended);
  channel.once('close', cut);
  channel.on('error', () => socket.destroy());
  channel.pipe(socket);
  socket.pipe(channel, { end: false });
  // The callback of an empty write runs after all earlier writes.
  socket.once('end', () =>
    channel.write(Buffer.alloc(0), () => {
      channel.eof();
      ended();
    }),
  );
  // A close event follows, which closes the channel.
  socket.on('error', () => socket.destroy());
  socket.once('close', (failed) => {
    forget();
    if (failed) channel.close();
  });
};
