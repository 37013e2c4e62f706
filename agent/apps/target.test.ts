import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { connectToTarget } from './target.ts';

it.each(['127.0.0.1', '::1'])('connects to an app on %s, also if the agent is busy meanwhile', async (host) => {
  const server = createServer((socket) => socket.destroy()).listen(0, host);
  await once(server, 'listening');
  const socket = connectToTarget({ port: (server.address() as AddressInfo).port });
  const connected = once(socket, 'connect');
  // Longer than Node waits for an address by default.
  for (const until = Date.now() + 400; Date.now() < until; );
  await connected;
  expect(socket.remoteAddress).toBe(host);
  socket.destroy();
  server.close();
});
