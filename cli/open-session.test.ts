import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openSession } from './open-session.ts';

test.each(['{"type":', 'a page of something else', '{"detail":1}'])(
  'a refusal that says %j is a sentence',
  async (body) => {
    const server = createServer();
    server.on('upgrade', (_request, socket) => {
      socket.end(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(openSession({ url, token: 't', path: '/' })).rejects.toThrow(
      'The gateway refused the session with status 502. Is BERTH_URL right?',
    );
    server.close();
  },
);
