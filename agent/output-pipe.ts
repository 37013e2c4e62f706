import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { makeSocketFolder } from './socket-folder.ts';

const bufferBytes = 64 * 1024;

export interface OutputPipe {
  /** To be given to a child as stdout and stderr, and then destroyed here. */
  writeEnd: Socket;
  /** Resolves when the last writer closed its end. */
  closed: Promise<unknown>;
}

/**
 * A pipe that is read into one buffer, used again and again: with the usual pipes, which allocate per read, a flood of
 * 100 MB took the agent from 60 to 138 MB. Both streams of a child may share it, so that their order is kept.
 * The bytes handed over are valid only during the call.
 */
export const outputPipe = async (take: (bytes: Buffer) => void): Promise<OutputPipe> => {
  const folder = await makeSocketFolder();
  try {
    const path = join(folder, 'o');
    const server = createServer({ pauseOnConnect: true }).listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const buffer = Buffer.allocUnsafe(bufferBytes);
    const callback = (size: number) => {
      take(buffer.subarray(0, size));
      return true;
    };
    const readEnd = connect({ path, onread: { buffer, callback } });
    const closed = new Promise((resolve) => readEnd.once('close', resolve));
    // A writer that was killed may reset the connection, which then closes: an end like any other.
    readEnd.on('error', () => readEnd.destroy());
    const [writeEnd] = (await accepted) as [Socket];
    server.close();
    return { writeEnd, closed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
