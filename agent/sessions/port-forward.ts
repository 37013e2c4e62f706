import { connectToTarget } from '../apps/target.ts';
import type { ActivityMeter } from '../common/activity.ts';
import type { ByteSession } from './byte-session.ts';

/** Connects a session to a port on the workspace's loopback. The two directions end separately. */
export const forwardPort = (session: ByteSession, port: number, activity: ActivityMeter): void => {
  const socket = connectToTarget({ port });
  const closeConnection = activity.countConnection();
  session.once('close', () => {
    closeConnection();
    // The client had sent everything, which the program may read later.
    if (session.readableEnded) socket.destroySoon();
    else socket.destroy();
  });
  socket.once('error', (error: NodeJS.ErrnoException) => {
    const refused = `Nothing listens on port ${port} of the workspace. Start your server there and connect again.`;
    session.fail(socket.connecting || socket.bytesRead + socket.bytesWritten === 0 ? refused : `${error.message}.`);
  });
  socket.once('connect', () => {
    session.on('data', (bytes: Buffer) => activity.recordMessage(`port ${port}`, bytes));
    session.pipe(socket);
    socket.pipe(session);
  });
};
