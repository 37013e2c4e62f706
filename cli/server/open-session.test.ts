import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { openSession } from './open-session.ts';

test.each(['{"type":', 'a page of something else', '{"detail":1}'])(
  'a refusal with the body %j is reported as a sentence',
  async (body) => {
    const server = createServer();
    server.on('upgrade', (_request, socket) => {
      socket.end(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(openSession({ url, token: 't', path: '/' })).rejects.toThrow(
      'The gateway refused the session with status 502. Check BERTH_URL.',
    );
    server.close();
  },
);

test('a session to a server that never responds times out', async () => {
  const server = createServer();
  server.on('upgrade', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(openSession({ url, token: 't', path: '/', timeoutMs: 50 })).rejects.toThrow(
    `Could not reach Berth at ${url}.`,
  );
  server.close();
});

/** The number of connections to a loopback port for which the kernel runs its keep-alive timer (02). */
const keepAliveCount = (port: number): number => {
  const to = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => line.trim().split(/\s+/)[2] === to && / 02:[0-9A-F]{8} /.test(line)).length;
};

test.runIf(process.platform === 'linux')('a session uses TCP keep-alive', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { socket } = await openSession({ url: `http://127.0.0.1:${port}`, token: 't', path: '/' });
  await expect.poll(() => keepAliveCount(port)).toBe(1);
  socket.terminate();
  server.close();
});
