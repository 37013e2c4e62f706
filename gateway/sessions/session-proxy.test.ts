import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { hostKeyHeader } from '../../contracts/agent/wire.ts';
import { atEnd, cleanUp } from '../testing/harness.ts';
import { forwardSession, sessionTarget } from './session-proxy.ts';

afterEach(cleanUp);

test.each([
  ['/gateway/workspaces/demo/ssh', { workspace: 'demo', kind: 'ssh', path: '/ssh' }],
  ['/gateway/workspaces/demo/port/1', { workspace: 'demo', kind: 'port', path: '/port/1' }],
  ['/gateway/workspaces/demo--ada/port/65535', { workspace: 'demo--ada', kind: 'port', path: '/port/65535' }],
])('%s is the path of a session', (url, target) => {
  expect(sessionTarget(url)).toEqual(target);
});

test.each([
  'port',
  'port/',
  'port/0',
  'port/080',
  'port/65536',
  'port/+80',
  'port/8e1',
  'port/80/',
  'port/80/x',
  'port/80?x=1',
  'port/%38%30',
  'port//80',
  'ssh/22',
  'ssh/',
  'SSH',
  '../ssh',
  'ssh?x',
])('%s is not the path of a session', (rest) => {
  expect(sessionTarget(`/gateway/workspaces/demo/${rest}`)).toBeUndefined();
});

/** An agent that sends these header fields in its response to an upgrade. */
const givenHostileAgent = async (sent: string): Promise<number> => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (request) => {
      const key = /sec-websocket-key: (.+)\r/i.exec(request.toString())?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', sent];
      socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return (server.address() as AddressInfo).port;
};

/** The headers that a client receives in the response to its upgrade. */
const upgradeWith = async (sent: string, hostKey?: string): Promise<IncomingHttpHeaders> => {
  const agent = await givenHostileAgent(sent);
  const server = createServer().on('upgrade', (request, socket, head) => {
    void forwardSession(request, socket, head, connect(agent, '127.0.0.1'), { path: '/ssh', hostKey });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ssh`);
  atEnd(() => client.terminate());
  const [response] = await once(client, 'upgrade');
  return response.headers;
};

test('an agent can neither set nor change its host key', async () => {
  const sent = `${hostKeyHeader}: ssh-ed25519 EVIL\r\nBerth-Host-Key: ssh-ed25519 EVIL`;
  expect((await upgradeWith(sent, 'ssh-ed25519 GOOD'))[hostKeyHeader]).toBe('ssh-ed25519 GOOD');
  expect((await upgradeWith(sent))[hostKeyHeader]).toBeUndefined();
});

test('an agent can set no other header of its response, which comes from the portal’s origin', async () => {
  const sent = ['Set-Cookie: _session=forged; Path=/', 'Strict-Transport-Security: max-age=1', 'Alt-Svc: h2=":1"'];
  const names = ['connection', 'sec-websocket-accept', 'upgrade'];
  expect(Object.keys(await upgradeWith(sent.join('\r\n'))).sort()).toEqual(names);
});
