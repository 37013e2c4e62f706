import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from './http/http-server.ts';
import { ambiguousBodies, ambiguousHeads, givenSocket, givenTarget, sendRaw } from './testing/abuse.ts';
import { atEnd, cleanUp } from './testing/harness.ts';
import { appAt } from './testing/replicas.ts';

type Target = Awaited<ReturnType<typeof givenTarget>>;

const headersTimeoutMs = 1_000;
let target: Target;
beforeAll(async () => {
  target = await givenTarget({ headersTimeoutMs });
});
afterAll(cleanUp);

const base = () => [`Host: ${target.host}`, `Cookie: ${target.cookie}`];
const closing = (...lines: string[]) => [...lines, ...base(), 'Connection: close', '', ''].join('\r\n');
/** The request lines that reached the app after the first `before` bytes, once a later request has reached it too. */
const seenAfter = async (before: number) => {
  await stillServes();
  return target
    .seen()
    .slice(before)
    .split('\r\n')
    .filter((line) => line.endsWith('HTTP/1.1') && line !== 'GET / HTTP/1.1');
};
const stillServes = () => expect(appAt(target.replica, target.cookie)).resolves.toBe('hello of demo');

/** Only the names: the requests themselves need a running replica. */
const names = (cases: [string, string][]) => cases.map(([name]) => name);
const caseOf = (cases: [string, string][], name: string) => cases.find(([known]) => known === name)?.[1] ?? '';

describe('an ambiguous body', () => {
  it.each(names(ambiguousBodies([])))('(%s) is refused, and nothing of it reaches the app', async (name) => {
    const before = target.seen().length;
    expect(await sendRaw(target.port, caseOf(ambiguousBodies(base()), name))).toMatch(
      /^HTTP\/1\.1 400 (?!.*HTTP\/1\.1)/s,
    );
    expect(await seenAfter(before)).toEqual([]);
  });
});

describe('an ambiguous head', () => {
  it.each(names(ambiguousHeads([], '')))('(%s) is refused, and nothing of it reaches the app', async (name) => {
    const before = target.seen().length;
    const response = await sendRaw(target.port, caseOf(ambiguousHeads(base(), 'gateway.example'), name));
    expect(response).toMatch(/^HTTP\/1\.1 400 /);
    expect(await seenAfter(before)).toEqual([]);
  });

  it('with a list of hosts names no app', async () => {
    const response = await sendRaw(
      target.port,
      `GET /x HTTP/1.1\r\nHost: ${target.host}, other\r\nConnection: close\r\n\r\n`,
    );
    expect(response).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each([
    ['TRACE', /^HTTP\/1\.1 405 /],
    ['CONNECT', /^$/],
  ])('with the method %s is not served', async (method, expected) => {
    const before = target.seen().length;
    expect(await sendRaw(target.port, closing(`${method} /x HTTP/1.1`))).toMatch(expected);
    expect(await seenAfter(before)).toEqual([]);
  });
});

describe('hop-by-hop headers', () => {
  it('are not forwarded: the gateway could not check requests of another protocol', async () => {
    const before = target.seen().length;
    const settings = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
    const lines = ['GET /h2c HTTP/1.1', ...base(), ...settings, 'Connection: close, Upgrade, HTTP2-Settings', '', ''];
    expect(await sendRaw(target.port, lines.join('\r\n'))).toMatch(/^HTTP\/1\.1 200 /);
    expect(target.seen().slice(before)).toMatch(/^GET \/h2c /);
    expect(target.seen().slice(before)).not.toMatch(/upgrade|http2-settings/i);
  });

  it('cannot remove the headers that the gateway adds', async () => {
    const before = target.seen().length;
    const lines = ['GET /hop HTTP/1.1', ...base(), 'Connection: close, X-Forwarded-Host, X-Forwarded-For', '', ''];
    await sendRaw(target.port, lines.join('\r\n'));
    expect(target.seen().slice(before)).toMatch(/\r\nconnection: close\r\n/);
    expect(target.seen().slice(before)).toContain(`x-forwarded-host: ${target.host}`);
  });
});

describe('a request above the limits', () => {
  it.each([
    ['100,000 headers', Array.from({ length: 100_000 }, (_, index) => `a${index}: b`)],
    ['a header after more than are read', [...Array<string>(2_000).fill('a: b'), 'Transfer-Encoding: chunked']],
    ['a header of a megabyte', [`a: ${'b'.repeat(1_000_000)}`]],
    ['a cookie of 40 KB', [`Cookie: a=${'b'.repeat(40_000)}`]],
  ])('(%s) is refused', async (_, lines) => {
    const before = target.seen().length;
    expect(await sendRaw(target.port, closing('GET /x HTTP/1.1', ...lines))).toMatch(/^HTTP\/1\.1 431 |^$/);
    expect(await seenAfter(before)).toEqual([]);
    await stillServes();
  });

  it('(a path of a megabyte) is refused', async () => {
    expect(await sendRaw(target.port, closing(`GET /${'x'.repeat(1_000_000)} HTTP/1.1`))).toMatch(
      /^HTTP\/1\.1 431 |^$/,
    );
    await stillServes();
  });

  it('(200 pipelined requests) ends its connection', async () => {
    const one = ['GET /never HTTP/1.1', ...base(), '', ''].join('\r\n');
    expect(await sendRaw(target.port, one.repeat(200))).toBe('');
    const few = ['GET /x HTTP/1.1', ...base(), '', ''].join('\r\n').repeat(9);
    const responses = await sendRaw(target.port, few + closing('GET /x HTTP/1.1'));
    expect(responses.match(/HTTP\/1\.1 200 /g)).toHaveLength(10);
  });
});

describe('an idle kept-alive connection', () => {
  /** Ten times as many: `npm run bench -- --only=idle-connections`. */
  const many = 1_000;

  it('costs some kilobytes, and many of them do not block others', async () => {
    const before = process.memoryUsage().rss;
    const opened = Array.from({ length: many }, async () => {
      const socket = await givenSocket(target.port);
      socket.write('GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n');
      return socket;
    });
    const sockets = await Promise.all(opened);
    await expect.poll(() => sockets.every((socket) => socket.received().includes('serving'))).toBe(true);
    await stillServes();
    // Both ends of each are in this process.
    expect(process.memoryUsage().rss - before).toBeLessThan(many * 64 * 1024);
    for (const socket of sockets) socket.destroy();
  });
});

describe('a slow connection', () => {
  const givenSlow = async (first: string, more: string) => {
    const socket = await givenSocket(target.port);
    const since = Date.now();
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(Date.now() - since)));
    socket.write(first);
    const timer = setInterval(() => socket.write(more), 50);
    atEnd(() => clearInterval(timer));
    return closed;
  };

  it('that does not complete its headers is closed after the timeout', async () => {
    const durations = await Promise.all([
      givenSlow('', ''),
      givenSlow('GET / HTTP/1.1\r\n', 'x: y\r\n'),
      givenSlow('G', 'E'),
      givenSlow(`GET / HTTP/1.1\r\nHost: ${target.host}\r\n\r\nGET / HT`, ''),
    ]);
    for (const ms of durations) expect(ms).toBeLessThan(10 * headersTimeoutMs);
  });

  it('does not block others, not even as one of 200', async () => {
    const durations = Array.from({ length: 200 }, () => givenSlow('GET / HTTP/1.1\r\n', 'x: y\r\n'));
    await stillServes();
    for (const ms of await Promise.all(durations)) expect(ms).toBeLessThan(20 * headersTimeoutMs);
  });
});

it('the default timeouts are those of the production server', () => {
  expect(createHttpServer()).toMatchObject({ headersTimeout: 20_000, requestTimeout: 0 });
});
