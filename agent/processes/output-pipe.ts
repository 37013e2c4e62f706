import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSocketFolder } from './socket-folder.ts';

const bufferBytes = 64 * 1024;

interface OutputPipe {
  /** Pass it to a child as stdout and stderr, then destroy it in this process. */
  writeEnd: Socket;
  /** Resolves when the last writer has closed its end. */
  closed: Promise<unknown>;
}

/**
 * Opens a pipe that is read into one reused buffer. Node's own pipes allocate a buffer per read, with which 100 MB of
 * output grew the agent from 60 to 138 MB. Both output streams of a child may share it, which keeps their order.
 * The bytes passed to `handle` are valid only during the call.
 */
export const openOutputPipe = async (handle: (bytes: Buffer) => void): Promise<OutputPipe> => {
  const folder = await createSocketFolder();
  try {
    const path = join(folder, 'o');
    const server = createServer({ pauseOnConnect: true }).listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const buffer = Buffer.allocUnsafe(bufferBytes);
    const callback = (size: number) => {
      handle(buffer.subarray(0, size));
      return true;
    };
    const readEnd = connect({ path, onread: { buffer, callback } });
    const closed = new Promise((resolve) => readEnd.once('close', resolve));
    // A killed writer may reset the connection, which is an end like any other.
    readEnd.on('error', () => readEnd.destroy());
    const [writeEnd] = (await accepted) as [Socket];
    server.close();
    return { writeEnd, closed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
