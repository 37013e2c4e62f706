import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface LateReader {
  port: number;
  /** The bytes received on the first connection, once it has ended. */
  read: Promise<number>;
}

/** A program that ends its direction at once, and reads much more slowly than its client sends. */
export const givenLateReader = async (): Promise<LateReader> => {
  const { promise: read, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer({ allowHalfOpen: true, highWaterMark: 64 * 1024 }, async (socket) => {
    socket.end('goodbye');
    let bytes = 0;
    try {
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        await pause(4);
      }
      resolve(bytes);
    } catch (thrown) {
      reject(thrown);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, read };
};

/** Sends `bytes` on a half-open connection once the other end has ended its direction, and ends. */
export const sendAfterGoodbye = async (socket: Socket, bytes: number): Promise<void> => {
  await text(socket);
  socket.end(Buffer.alloc(bytes));
  await once(socket, 'close');
};
