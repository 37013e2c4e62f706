import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below Linux's ephemeral ports, so that no outgoing connection and no `listen(0)` takes the port before it is used.
 */
const [lowest, end] = [20_000, 32_768];

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
};

/** Returns a free port of the loopback, for programs that need one in advance. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(lowest, end);
    if (await isFree(port)) return port;
  }
};
