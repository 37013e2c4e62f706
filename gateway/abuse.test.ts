import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from './http/http-server.ts';
import { givenSocket, givenTarget, raw, strangeHeads, twofold } from './testing/abuse.ts';
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
/** What reached the app after so much of it, once a later request has reached it too. */
const seenAfter = async (before: number) => {
  await stillServes();
  return target
    .seen()
    .slice(before)
    .split('\r\n')
    .filter((line) => line.endsWith('HTTP/1.1') && line !== 'GET / HTTP/1.1');
};
const stillServes = () => expect(appAt(target.replica, target.cookie)).resolves.toBe('hello of demo');

/** Names alone: what is sent is known only when there is a replica. */
const names = (cases: [string, string][]) => cases.map(([name]) => name);
const caseOf = (cases: [string, string][], name: string) => cases.find(([known]) => known === name)?.[1] ?? '';

describe('a body that ends at two places', () => {
  it.each(names(twofold([])))('%s is refused, and nothing of it reaches the app', async (name) => {
    const before = target.seen().length;
    expect(await raw(target.port, caseOf(twofold(base()), name))).toMatch(/^HTTP\/1\.1 400 (?!.*HTTP\/1\.1)/s);
    expect(await seenAfter(before)).toEqual([]);
  });
});

describe('a head that seems to be another', () => {
  it.each(names(strangeHeads([], '')))('%s is refused, and nothing of it reaches the app', async (name) => {
    const before = target.seen().length;
    const answer = await raw(target.port, caseOf(strangeHeads(base(), 'gateway.example'), name));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await seenAfter(before)).toEqual([]);
  });

  it('by a list of hosts is no app’s', async () => {
    const answer = await raw(
      target.port,
      `GET /x HTTP/1.1\r\nHost: ${target.host}, other\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each([
    ['TRACE', /^HTTP\/1\.1 405 /],
    ['CONNECT', /^$/],
  ])('by %s is not served', async (method, answer) => {
    const before = target.seen().length;
    expect(await raw(target.port, closing(`${method} /x HTTP/1.1`))).toMatch(answer);
    expect(await seenAfter(before)).toEqual([]);
  });
});

describe('what is meant for the next neighbour', () => {
  it('is not passed on: another protocol would be spoken past the gateway', async () => {
    const before = target.seen().length;
    const settings = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
    const lines = ['GET /h2c HTTP/1.1', ...base(), ...settings, 'Connection: close, Upgrade, HTTP2-Settings', '', ''];
    expect(await raw(target.port, lines.join('\r\n'))).toMatch(/^HTTP\/1\.1 200 /);
    expect(target.seen().slice(before)).toMatch(/^GET \/h2c /);
    expect(target.seen().slice(before)).not.toMatch(/upgrade|http2-settings/i);
  });

  it('takes nothing out again that the gateway says', async () => {
    const before = target.seen().length;
    const lines = ['GET /hop HTTP/1.1', ...base(), 'Connection: close, X-Forwarded-Host, X-Forwarded-For', '', ''];
    await raw(target.port, lines.join('\r\n'));
    expect(target.seen().slice(before)).toMatch(/\r\nconnection: close\r\n/);
    expect(target.seen().slice(before)).toContain(`x-forwarded-host: ${target.host}`);
  });
});

describe('too much of it', () => {
  it.each([
    ['100,000 headers', Array.from({ length: 100_000 }, (_, index) => `a${index}: b`)],
    ['one header behind more than are read', [...Array<string>(2_000).fill('a: b'), 'Transfer-Encoding: chunked']],
    ['a header of a megabyte', [`a: ${'b'.repeat(1_000_000)}`]],
    ['a cookie of 40 KB', [`Cookie: a=${'b'.repeat(40_000)}`]],
  ])('%s is refused', async (_, lines) => {
    const before = target.seen().length;
    expect(await raw(target.port, closing('GET /x HTTP/1.1', ...lines))).toMatch(/^HTTP\/1\.1 431 |^$/);
    expect(await seenAfter(before)).toEqual([]);
    await stillServes();
  });

  it('a path of a megabyte is refused', async () => {
    expect(await raw(target.port, closing(`GET /${'x'.repeat(1_000_000)} HTTP/1.1`))).toMatch(/^HTTP\/1\.1 431 |^$/);
    await stillServes();
  });

  it('requests that never wait for an answer end their connection', async () => {
    const one = ['GET /never HTTP/1.1', ...base(), '', ''].join('\r\n');
    expect(await raw(target.port, one.repeat(200))).toBe('');
    const few = ['GET /x HTTP/1.1', ...base(), '', ''].join('\r\n').repeat(9);
    const answer = await raw(target.port, few + closing('GET /x HTTP/1.1'));
    expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(10);
  });
});

describe('a connection that asked once and stays', () => {
  /** Ten times as many: `npm run bench -- --only=idle-connections`. */
  const many = 1_000;

  it('costs some kilobytes, however many there are, and leaves room for the others', async () => {
    const before = process.memoryUsage().rss;
    const opened = Array.from({ length: many }, async () => {
      const socket = await givenSocket(target.port);
      socket.write('GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n');
      return socket;
    });
    const sockets = await Promise.all(opened);
    await expect
      .poll(() => sockets.every((socket) => socket.said().includes('serving')), { timeout: 10_000 })
      .toBe(true);
    await stillServes();
    // Both ends of each are in this process.
    expect(process.memoryUsage().rss - before).toBeLessThan(many * 64 * 1024);
    for (const socket of sockets) socket.destroy();
  });
});

describe('a connection that is slow on purpose', () => {
  const givenHeld = async (first: string, more: string) => {
    const socket = await givenSocket(target.port);
    const since = Date.now();
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(Date.now() - since)));
    socket.write(first);
    const timer = setInterval(() => socket.write(more), 50);
    atEnd(() => clearInterval(timer));
    return closed;
  };

  it('in its head is ended after the time that a head may take', async () => {
    const held = await Promise.all([
      givenHeld('', ''),
      givenHeld('GET / HTTP/1.1\r\n', 'x: y\r\n'),
      givenHeld('G', 'E'),
      givenHeld(`GET / HTTP/1.1\r\nHost: ${target.host}\r\n\r\nGET / HT`, ''),
    ]);
    for (const ms of held) expect(ms).toBeLessThan(10 * headersTimeoutMs);
  });

  it('is one of many, and leaves room for the others', async () => {
    const held = Array.from({ length: 200 }, () => givenHeld('GET / HTTP/1.1\r\n', 'x: y\r\n'));
    await stillServes();
    for (const ms of await Promise.all(held)) expect(ms).toBeLessThan(20 * headersTimeoutMs);
  });
});

it('has the usual times when nothing is said', () => {
  expect(createHttpServer()).toMatchObject({ headersTimeout: 20_000, requestTimeout: 0 });
});
