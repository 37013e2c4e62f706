import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Case, deflateCases, deflateOffers, plainCases } from '../testing/autobahn.ts';
import { atEnd, cleanUp, givenAppSession, givenBerth, givenWorkspace, statusOf } from '../testing/harness.ts';
import { type Endpoint, exchange } from '../testing/websocket.ts';

/**
 * The cases of the Autobahn test suite, each sent twice: to an echo server, and to the same server through gateway and
 * agent. Both must have the same outcome, because only the ends validate frames.
 */
const label = 'echo--demo1--ada';
let direct: Endpoint;
let through: Endpoint;
/** How each connection ended at the server: close code, reason and error. */
const seen: string[] = [];

const givenEcho = async (): Promise<number> => {
  const server = createServer((_, response) => response.end('healthy'));
  const echo = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
  const deflating = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } });
  server.on('upgrade', (request, socket, head) => {
    const sockets = request.url === '/deflate' ? deflating : echo;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      let problem = '';
      webSocket.on('message', (data, isBinary) => webSocket.send(data as Buffer, { binary: isBinary }));
      if (request.url === '/vanish') webSocket.once('message', () => webSocket.terminate());
      webSocket.on('error', (error) => {
        problem = error.message;
      });
      webSocket.on('close', (code, reason) => void seen.push(`${code} ${reason.toString('hex')} ${problem}`));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return (server.address() as AddressInfo).port;
};

beforeAll(async () => {
  const port = await givenEcho();
  const berth = await givenBerth();
  await givenWorkspace(berth, { apps: [{ name: 'echo', port }] });
  await vi.waitUntil(() => statusOf(berth)?.status === 'ready', { timeout: 30_000 });
  const host = `${label}.${berth.domain}`;
  direct = { port, host, path: '/' };
  through = {
    port: berth.port,
    host,
    path: '/',
    headers: { cookie: givenAppSession(berth, label), origin: `http://${host}` },
  };
});
afterAll(cleanUp);

const both = async (one: Case, path: string, headers: Record<string, string> = {}) => {
  const outcomes = [];
  for (const endpoint of [direct, through]) {
    const before = seen.length;
    const echo = await exchange({ ...endpoint, path, headers: { ...endpoint.headers, ...headers } }, one);
    await expect.poll(() => seen.length, { interval: 1 }).toBe(before + 1);
    outcomes.push({ ...echo, bytes: echo.bytes.toString('latin1'), seen: seen.at(-1) });
  }
  return outcomes;
};

const expectAlike = async (one: Case, path: string, headers?: Record<string, string>) => {
  const [expected, forwarded] = await both(one, path, headers);
  expect(expected?.status).toBe('HTTP/1.1 101 Switching Protocols');
  // Compared separately, because printing a difference of megabytes takes a minute.
  expect(forwarded?.bytes === expected?.bytes, 'the bytes that came back are the same').toBe(true);
  expect({ ...forwarded, bytes: '' }).toEqual({ ...expected, bytes: '' });
  return expected?.headers ?? [];
};

it.each(plainCases)('case $name', async (one) => {
  await expectAlike(one, '/');
});

describe.each(Object.entries(deflateOffers))('case %s', (_, offer) => {
  it.each(deflateCases)('message $name', async (one) => {
    await expectAlike(one, '/deflate', { 'sec-websocket-extensions': offer });
  });
});

it.each(['permessage-deflate; server_max_window_bits=7', 'permessage-deflate; x=1', 'permessage-deflate; '])(
  'an offer that the app refuses (%s) is refused',
  async (offer) => {
    const [first] = deflateCases as [Case];
    const headers = { 'sec-websocket-extensions': offer };
    for (const endpoint of [direct, through]) {
      const { status } = await exchange(
        { ...endpoint, path: '/deflate', headers: { ...endpoint.headers, ...headers } },
        first,
      );
      expect(status).toBe('HTTP/1.1 400 Bad Request');
    }
  },
);

it('compression is negotiated between the browser and the app', async () => {
  const [first] = deflateCases as [Case];
  const offer = { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' };
  expect(await expectAlike(first, '/deflate', offer)).toContain('sec-websocket-extensions: permessage-deflate');
});

describe('a connection that breaks without a close frame', () => {
  const dial = async (path: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${through.port}${path}`, {
      headers: { host: through.host, ...through.headers },
    });
    await once(socket, 'open');
    return socket;
  };

  it('at the browser breaks at the app too', async () => {
    const socket = await dial('/');
    const before = seen.length;
    socket.terminate();
    await expect.poll(() => seen.slice(before)).toEqual([expect.stringMatching(/^1006 /)]);
  });

  it('at the app breaks at the browser too', async () => {
    const socket = await dial('/vanish');
    socket.send('go');
    expect((await once(socket, 'close'))[0]).toBe(1006);
  });
});
