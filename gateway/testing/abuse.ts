import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { vi } from 'vitest';
import { scriptTemplate } from '../../test/support/apps/script-template.ts';
import { atEnd } from './harness.ts';
import { appAt, cookieOf, givenInstallation, givenRunning } from './replicas.ts';

/**
 * A hostile app on a bare socket. It writes everything that it receives to the file `seen`. The path chooses its
 * response; for any other path it responds `hello of demo` to the first bytes.
 */
const app = `
  const fs = require('node:fs'), net = require('node:net'), zlib = require('node:zlib');
  const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const head = 'HTTP/1.1 200 OK\\r\\n';
  const forever = (s, text) => {
    const chunk = text.repeat(Math.ceil(65536 / text.length));
    const go = () => { while (!s.destroyed && s.write(chunk)); };
    s.on('drain', go);
    go();
  };
  const responses = {
    '/headers': (s) => { s.write(head); forever(s, 'x-more: and more\\r\\n'); },
    '/early': (s) => forever(s, 'HTTP/1.1 103 Early Hints\\r\\nlink: </a>\\r\\n\\r\\n'),
    '/never': () => {},
    '/body': (s) => { s.write(head + 'transfer-encoding: chunked\\r\\n\\r\\n'); forever(s, '400\\r\\n' + 'x'.repeat(1024) + '\\r\\n'); },
    '/bomb': (s) => { s.write(head + 'content-encoding: gzip\\r\\ncontent-length: ' + bomb.length + '\\r\\n\\r\\n'); s.write(bomb); },
    '/cr': (s) => s.write(head + 'x-a: b\\rset-cookie: evil=1\\r\\ncontent-length: 0\\r\\n\\r\\n'),
    '/lf': (s) => s.write(head + 'x-a: b\\nset-cookie: evil=1\\r\\ncontent-length: 0\\r\\n\\r\\n'),
    '/nul': (s) => s.write(head + 'x-a: b\\0c\\r\\ncontent-length: 0\\r\\n\\r\\n'),
    '/two': (s) => s.write(head + 'content-length: 2\\r\\n\\r\\nokHTTP/1.1 200 OK\\r\\ncontent-length: 4\\r\\n\\r\\nevil'),
    '/lengths': (s) => s.write(head + 'content-length: 2\\r\\ncontent-length: 6\\r\\n\\r\\nokevil'),
  };
  net.createServer((s) => {
    s.on('error', () => {});
    s.on('data', (data) => {
      fs.appendFileSync('seen', data);
      const path = /^[A-Z]+ ([^ ]+) /.exec(data.toString('latin1'))?.[1];
      if (responses[path]) return responses[path](s);
      s.write(head + 'content-length: 13\\r\\n\\r\\nhello of demo');
    });
  }).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
`;

const hostileTemplate = scriptTemplate('app', app);

const label = 'web--demo--ada';

/** A replica as it is deployed, and a workspace with the app above. */
export const givenTarget = async (options: { headersTimeoutMs?: number } = {}) => {
  const installation = await givenInstallation(hostileTemplate);
  const replica = await installation.givenReplica(options);
  const workspace = await givenRunning(installation, replica.port);
  const cookie = await cookieOf(installation, replica, workspace.id);
  await vi.waitUntil(async () => (await appAt(replica, cookie)) === 'hello of demo', { timeout: 30_000 });
  const host = `${label}.${replica.domain}`;
  return {
    installation,
    replica,
    workspace,
    cookie,
    host,
    port: replica.port,
    /** Everything that reached the app. */
    seen: () => readFileSync(join(workspace.home, 'seen'), 'latin1'),
  };
};

/** A connection on which bytes are sent as they are; `received` returns what came back. */
export const givenSocket = async (port: number): Promise<Socket & { received(): string }> => {
  const socket = connect(port, '127.0.0.1');
  atEnd(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  await once(socket, 'connect');
  return Object.assign(socket, { received: () => received });
};

/** Sends bytes as they are. Returns what came back until the other end closed the connection. */
export const sendRaw = async (port: number, text: string): Promise<string> => {
  const socket = await givenSocket(port);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(Buffer.from(text, 'latin1'));
  await closed;
  return socket.received();
};

/** A request smuggled in the body of another one. */
const hidden = (base: string[]): string => ['GET /hidden HTTP/1.1', ...base, 'Connection: close', '', ''].join('\r\n');

const chunked = 'Transfer-Encoding: chunked';

/**
 * Requests whose body two parsers could end at different positions, each followed by another request. `base`: Host and
 * other required headers.
 */
export const ambiguousBodies = (base: string[]): [string, string][] => {
  const tail = hidden(base);
  const post = (...lines: string[]) => ['POST /x HTTP/1.1', ...base, ...lines].join('\r\n');
  const empty = `\r\n\r\n0\r\n\r\n${tail}`;
  return [
    ['Content-Length before Transfer-Encoding', post('Content-Length: 6', chunked) + empty],
    ['Transfer-Encoding before Content-Length', post(chunked, 'Content-Length: 4') + empty],
    ['an unknown coding', post('Transfer-Encoding: xchunked') + empty],
    ['a coding before chunked', post('Transfer-Encoding: identity, chunked') + empty],
    ['a coding after chunked', post('Transfer-Encoding: chunked, identity') + empty],
    ['a second Transfer-Encoding header', post('Transfer-Encoding: identity', chunked) + empty],
    ['a coding in quotes', post('Transfer-Encoding: "chunked"') + empty],
    ['a coding after a vertical tab', post('Transfer-Encoding: \x0bchunked') + empty],
    ['a coding on a folded line', post('Transfer-Encoding:', ' chunked') + empty],
    ['a space before the colon', post('Transfer-Encoding : chunked') + empty],
    ['chunks in HTTP/1.0', post(chunked).replace('HTTP/1.1', 'HTTP/1.0') + empty],
    ['two lengths', `${post('Content-Length: 0', `Content-Length: ${tail.length}`)}\r\n\r\n${tail}`],
    ['a list of lengths', `${post(`Content-Length: 0, ${tail.length}`)}\r\n\r\n${tail}`],
    ['a length with a sign', `${post('Content-Length: +0')}\r\n\r\n${tail}`],
    ['a negative length', `${post('Content-Length: -1')}\r\n\r\n${tail}`],
    ['a length in hexadecimal', `${post('Content-Length: 0x0')}\r\n\r\n${tail}`],
    ['a length beyond 64 bits', `${post('Content-Length: 99999999999999999999')}\r\n\r\n${tail}`],
    ['a bare line feed', post(`X: y\n${chunked}`) + empty],
    ['bare line feeds alone', ['GET /x HTTP/1.1', ...base, '', tail].join('\n')],
    ['a bare carriage return', `${post(`X: y\r${chunked}`, 'Content-Length: 0')}\r\n\r\n${tail}`],
    ['a NUL', `${post('X: y\0z', 'Content-Length: 0')}\r\n\r\n${tail}`],
    ['a chunk with a bare line feed', `${post(chunked)}\r\n\r\n2\nhi\r\n0\r\n\r\n${tail}`],
    ['a chunk size of 0x2', `${post(chunked)}\r\n\r\n0x2\r\nhi\r\n0\r\n\r\n${tail}`],
    ['a chunk size of -2', `${post(chunked)}\r\n\r\n-2\r\nhi\r\n0\r\n\r\n${tail}`],
    ['a bare line feed in a chunk extension', `${post(chunked)}\r\n\r\n2;a=b\nhi\r\n0\r\n\r\n${tail}`],
  ];
};

/** Requests whose host or target two parsers could read differently. `base`: Host and other required headers. */
export const ambiguousHeads = (base: string[], other: string): [string, string][] => {
  const get = (line: string, ...lines: string[]) => [line, ...lines, 'Connection: close', '', ''].join('\r\n');
  return [
    ['two hosts', get('GET /x HTTP/1.1', ...base, `Host: ${other}`)],
    ['two hosts, the foreign one first', get('GET /x HTTP/1.1', `Host: ${other}`, ...base)],
    ['two hosts, one in another case', get('GET /x HTTP/1.1', ...base, `hOST: ${other}`)],
    ['a Host header that begins with a space', get('GET /x HTTP/1.1', ` Host: ${other}`, ...base)],
    ['a space after the name Host', get('GET /x HTTP/1.1', `Host : ${other}`, ...base)],
    ['an absolute URL as target', get(`GET http://${other}/x HTTP/1.1`, ...base)],
    ['a path that begins with a backslash', get('GET \\x HTTP/1.1', ...base)],
    ['a path without a slash', get('GET x HTTP/1.1', ...base)],
    ['no host', get('GET /x HTTP/1.1')],
    ['an unknown HTTP version', get('GET /x HTTP/1.2', ...base)],
    ['the connection preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ];
};
