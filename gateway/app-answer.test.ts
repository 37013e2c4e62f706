import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  ask,
  atEnd,
  type Berth,
  cleanUp,
  givenAppSession,
  givenBerth,
  givenWorkspace,
  statusOf,
} from './test-harness.ts';

const label = 'raw--demo1--ada';
let berth: Berth;
let cookie: string;
/** What the app answers to whatever it is asked, byte for byte. */
let answer = '';

beforeAll(async () => {
  const app = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(answer, 'latin1'));
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  atEnd(() => app.close());
  berth = await givenBerth();
  const { port } = app.address() as AddressInfo;
  await givenWorkspace(berth, { apps: [{ name: 'raw', port }] });
  await vi.waitUntil(() => statusOf(berth)?.status === 'ready', { timeout: 15_000 });
  cookie = givenAppSession(berth, label);
});
afterAll(cleanUp);

/** Asks as a client that writes its own head, and answers all that comes back. */
const askRaw = async (version: string, headers = '', body = ''): Promise<string> => {
  const socket = connect(berth.port, '127.0.0.1');
  const host = `Host: ${label}.${berth.domain}\r\nCookie: ${cookie}\r\nConnection: close\r\n`;
  socket.write(`POST / HTTP/${version}\r\n${host}${headers}\r\n${body}`);
  return text(socket);
};

const fine = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Each of these ended the process of a gateway that passed it on as it was. */
it.each([
  ['announces trailers and has a length', 'HTTP/1.1 200 OK\r\nTrailer: x\r\nContent-Length: 2\r\n\r\nok', 200],
  ['has a status below all', 'HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok', 502],
  ['has control characters in its status line', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok', 200],
])('an answer that %s is passed on', async (_, said, status) => {
  answer = said;
  expect(await ask(berth, label, '/', { headers: { cookie } })).toMatchObject({ status, body: 'ok' });
});

it.each([
  ['1.1', 'Trailer: x\r\nContent-Length: 2\r\n', 'ok'],
  ['1.1', 'Trailer: x\r\n', ''],
  ['1.0', 'Trailer: x\r\n', ''],
])('a request (HTTP/%s) with the headers %j is passed on', async (version, headers, body) => {
  answer = 'HTTP/1.1 200 OK\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: 1\r\n\r\n';
  expect(await askRaw(version, headers, body)).toContain('ok');
});

it.each([
  ['breaks off', 'HTTP/1.1 200 OK\r\nConte'],
  ['switches protocols unasked', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello'],
  ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'],
  ['has a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['has control characters in a header', 'HTTP/1.1 200 OK\r\nX: \x01\r\nContent-Length: 2\r\n\r\nok'],
  ['is no HTTP', 'SSH-2.0-OpenSSH\r\n'],
])('an answer that %s is told as one', async (_, said) => {
  answer = said;
  expect(await ask(berth, label, '/', { headers: { cookie } })).toMatchObject({
    status: 502,
    body: expect.stringContaining('/errors/agent_unreachable'),
  });
  answer = fine;
  expect(await ask(berth, label, '/', { headers: { cookie } })).toMatchObject({ status: 200 });
});

it('an answer never takes away the cookies of the hosts beside it', async () => {
  answer = fine.replace('OK\r\n', 'OK\r\nClear-Site-Data: "cookies"\r\n');
  expect((await ask(berth, label, '/', { headers: { cookie } })).headers).not.toHaveProperty('clear-site-data');
});

it('an app that hangs up without a word is asked on another connection', async () => {
  answer = fine;
  for (let n = 0; n < 3; n += 1) {
    await expect.poll(async () => (await ask(berth, label, '/', { headers: { cookie } })).status).toBe(200);
  }
});

it.each([
  ['breaks off', 'HTTP/1.1 101 Swit'],
  ['is none', fine],
  ['announces trailers', 'HTTP/1.1 200 OK\r\nTrailer: x\r\nContent-Length: 2\r\n\r\nok'],
  ['has a status below all', 'HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['has a status line like no other', 'HTTP/1.1 101 \x01\x02\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'],
  ['is no HTTP', 'SSH-2.0-OpenSSH\r\n'],
])('an answer to an upgrade that %s ends that connection alone', async (_, said) => {
  answer = said;
  const socket = connect(berth.port, '127.0.0.1');
  const upgrade = 'Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: a\r\nSec-WebSocket-Version: 13';
  socket.write(`GET / HTTP/1.1\r\nHost: ${label}.${berth.domain}\r\nCookie: ${cookie}\r\n${upgrade}\r\n\r\n`);
  expect(await text(socket)).not.toContain('berth-app');
  answer = fine;
  expect(await ask(berth, label, '/', { headers: { cookie } })).toMatchObject({ status: 200 });
});
