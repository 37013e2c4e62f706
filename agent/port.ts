import type { ActivityMeter } from './activity.ts';
import type { ByteSession } from './byte-session.ts';
import { connectTo } from './target.ts';

/** Joins a session to a port of the workspace's loopback, each direction with its own end. */
export const joinPort = (session: ByteSession, port: number, activity: ActivityMeter): void => {
  const socket = connectTo({ port });
  const closeConnection = activity.open();
  session.once('close', () => {
    closeConnection();
    // All that the client sent is on its way to a program that may read it late.
    if (session.readableEnded) socket.destroySoon();
    else socket.destroy();
  });
  socket.once('error', (error: NodeJS.ErrnoException) => {
    const refused = `Nothing listens on port ${port} of the workspace. Start your server there and connect again.`;
    session.fail(socket.connecting || socket.bytesRead + socket.bytesWritten === 0 ? refused : `${error.message}.`);
  });
  socket.once('connect', () => {
    session.on('data', () => activity.input());
    session.pipe(socket);
    socket.pipe(session);
  });
};
