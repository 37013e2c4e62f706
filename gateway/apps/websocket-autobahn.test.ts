import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Case, deflateCases, deflateOffers, plainCases } from '../testing/autobahn.ts';
import { atEnd, cleanUp, givenAppSession, givenBerth, givenWorkspace, statusOf } from '../testing/harness.ts';
import { type Dialled, exchange } from '../testing/websocket.ts';

/**
 * The cases of the Autobahn test suite, each sent twice: to an echo server, and to the same one through gateway and
 * agent. What is right or wrong is the ends' to judge; the way between them must make no difference.
 */
const label = 'echo--demo1--ada';
let straight: Dialled;
let through: Dialled;
/** How the server saw each connection end: code, reason, and what it complained of. */
const seen: string[] = [];

const givenEcho = async (): Promise<number> => {
  const server = createServer((_, response) => response.end('healthy'));
  const echo = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
  const deflating = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } });
  server.on('upgrade', (request, socket, head) => {
    const sockets = request.url === '/deflate' ? deflating : echo;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      let fault = '';
      webSocket.on('message', (data, isBinary) => webSocket.send(data as Buffer, { binary: isBinary }));
      if (request.url === '/vanish') webSocket.once('message', () => webSocket.terminate());
      webSocket.on('error', (error) => {
        fault = error.message;
      });
      webSocket.on('close', (code, reason) => void seen.push(`${code} ${reason.toString('hex')} ${fault}`));
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
  await vi.waitUntil(() => statusOf(berth)?.status === 'ready', { timeout: 15_000 });
  const host = `${label}.${berth.domain}`;
  straight = { port, host, path: '/' };
  through = {
    port: berth.port,
    host,
    path: '/',
    headers: { cookie: givenAppSession(berth, label), origin: `http://${host}` },
  };
});
afterAll(cleanUp);

const both = async (one: Case, path: string, headers: Record<string, string> = {}) => {
  const answers = [];
  for (const way of [straight, through]) {
    const before = seen.length;
    const echo = await exchange({ ...way, path, headers: { ...way.headers, ...headers } }, one);
    await expect.poll(() => seen.length, { interval: 1 }).toBe(before + 1);
    answers.push({ ...echo, bytes: echo.bytes.toString('latin1'), seen: seen.at(-1) });
  }
  return answers;
};

const expectAlike = async (one: Case, path: string, headers?: Record<string, string>) => {
  const [alone, passedOn] = await both(one, path, headers);
  expect(alone?.status).toBe('HTTP/1.1 101 Switching Protocols');
  // Apart, since a difference of megabytes takes a minute to print.
  expect(passedOn?.bytes === alone?.bytes, 'the bytes that came back are the same').toBe(true);
  expect({ ...passedOn, bytes: '' }).toEqual({ ...alone, bytes: '' });
  return alone?.headers ?? [];
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
    for (const way of [straight, through]) {
      const { status } = await exchange({ ...way, path: '/deflate', headers: { ...way.headers, ...headers } }, first);
      expect(status).toBe('HTTP/1.1 400 Bad Request');
    }
  },
);

it('compression is agreed on between the browser and the app', async () => {
  const [first] = deflateCases as [Case];
  const offer = { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' };
  expect(await expectAlike(first, '/deflate', offer)).toContain('sec-websocket-extensions: permessage-deflate');
});

describe('an end without a close frame', () => {
  const dial = async (path: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${through.port}${path}`, {
      headers: { host: through.host, ...through.headers },
    });
    await once(socket, 'open');
    return socket;
  };

  it('of the browser is one for the app', async () => {
    const socket = await dial('/');
    const before = seen.length;
    socket.terminate();
    await expect.poll(() => seen.slice(before)).toEqual([expect.stringMatching(/^1006 /)]);
  });

  it('of the app is one for the browser', async () => {
    const socket = await dial('/vanish');
    socket.send('go');
    expect((await once(socket, 'close'))[0]).toBe(1006);
  });
});
