import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { SessionSocket } from './session-socket.ts';

test('pings keep an idle session open and stop when it ends', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const ended = new Promise<void>((resolve) => {
    server.once('connection', (socket) => {
      const unexpected = () => {
        throw new Error('no session was started');
      };
      new SessionSocket(socket, 5).serve(() => undefined, unexpected);
      socket.once('close', () => resolve());
    });
  });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, 'ping');
  await once(client, 'ping');
  client.close();
  await ended;
  server.close();
  expect(await once(server, 'close')).toEqual([]);
});
