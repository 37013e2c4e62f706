import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import type { Scope } from './scope.ts';

/**
 * Joins a channel to a connected socket. Each direction ends by itself; the channel closes with the second. (By itself
 * ssh2 closes a channel as soon as the server's direction has ended.)
 */
export const join = (channel: ServerChannel, socket: Socket, scope: Scope, input: () => void): void => {
  let open = 2;
  const ended = () => {
    open -= 1;
    if (open === 0) channel.close();
  };
  // Once both have ended, what is still to be written is for a program that reads late.
  const cut = () => {
    if (open > 0) socket.destroy();
  };
  const forget = scope.add(cut);
  channel.on('data', input);
  channel.once('end', ended);
  channel.once('close', cut);
  channel.on('error', () => socket.destroy());
  channel.pipe(socket);
  socket.pipe(channel, { end: false });
  // Behind all that was written: an empty piece is done when those before it are.
  socket.once('end', () =>
    channel.write(Buffer.alloc(0), () => {
      channel.eof();
      ended();
    }),
  );
  // Whatever broke the socket closes it, and that the channel.
  socket.on('error', () => socket.destroy());
  socket.once('close', (failed) => {
    forget();
    if (failed) channel.close();
  });
};
