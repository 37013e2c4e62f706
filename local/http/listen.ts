import type { Server } from 'node:http';
import { StartError } from '../settings/settings.ts';

/**
 * Listens on loopback only, because a local Berth signs people in without a password. Returns the port; throws
 * `StartError` if it cannot be used.
 */
export const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartError(reasonOf(error, port))));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });

const reasonOf = (error: NodeJS.ErrnoException, port: number): string => {
  if (error.code === 'EADDRINUSE') {
    return `Berth cannot start: port ${port} is already in use. Choose another port: PORT=${port + 1} npm start.`;
  }
  if (error.code === 'EACCES') {
    return `Berth cannot start: port ${port} requires permissions that you do not have. Choose a port above 1023: PORT=8080 npm start.`;
  }
  return `Berth cannot start: it cannot listen on port ${port}: ${error.message}. Choose another port: PORT=8080 npm start.`;
};
