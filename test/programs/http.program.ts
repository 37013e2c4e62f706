import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scriptTemplate } from '../support/apps/script-template.ts';
import { givenTemplates } from '../support/berth.ts';
import { givenProgram, type Program, responseOf, textOf } from './given-program.ts';

const source = readFileSync(join(import.meta.dirname, 'transfer-app.cjs'), 'utf8');
const template = scriptTemplate('transfer', source, {
  run: 'while :; do "$BERTH_NODE" app.cjs || true; while [ -e down ]; do sleep 0.1; done; done > app.log 2>&1 &',
  apps: '[{ name: web, health: { every: 1s, failures: 2 } }]',
});

let app: Program;
let cookie: string;
beforeAll(async () => {
  app = await givenProgram(givenTemplates({ transfer: template }), 'transfer', 'web');
  cookie = await app.signIn();
});
afterAll(() => app?.berth.end());

const send = (path: string, options: { method?: string; headers?: Record<string, string>; agent?: Agent } = {}) =>
  app.request(path, { ...options, headers: { cookie, ...options.headers } });

const get = (path: string, headers: Record<string, string> = {}) => responseOf(send(path, { headers }).end());

/** The same pseudorandom bytes that the app sends. */
async function* noise(bytes: number): AsyncGenerator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  for (let at = 0; at < bytes; at += 65_536) yield cipher.update(Buffer.alloc(Math.min(65_536, bytes - at)));
}

const sumOf = async (stream: AsyncIterable<Buffer>) => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
};

const large = 200 * 1024 * 1024;

test('a download of 200 MB arrives unchanged', async () => {
  const response = await get(`/download?bytes=${large}`);
  expect(response.headers['content-length']).toBe(String(large));
  expect(await sumOf(response)).toEqual(await sumOf(noise(large)));
});

test('an upload of 200 MB arrives unchanged', async () => {
  const request = send('/upload', { method: 'PUT' });
  await Promise.all([pipeline(noise(large), request), once(request, 'response')]).then(async ([, [response]]) => {
    expect(JSON.parse(await text(response))).toMatchObject(await sumOf(noise(large)));
  });
});

test('a range request gets part of a file', async () => {
  const part = await get('/range', { range: 'bytes=2-5' });
  expect(part).toMatchObject({ statusCode: 206, headers: { 'content-range': 'bytes 2-5/10' } });
  expect(await text(part)).toBe('2345');
});

test('server-sent events arrive as they are sent and continue after Last-Event-ID', async () => {
  const stream = await get('/events', { 'last-event-id': '41' });
  expect(stream.headers['content-type']).toBe('text/event-stream');
  let seen = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    seen += chunk.toString();
    if (seen.includes('event 44')) break;
  }
  expect(seen).toMatch(/^id: 42\ndata: event 42\n\n/);
});

test('connections are reused between requests on both sides of the gateway', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connections = new Set<number>();
  const ports = new Set<number | undefined>();
  for (let n = 0; n < 20; n += 1) {
    const request = send('/', { agent });
    connections.add(JSON.parse(await textOf(request.end())).connection);
    ports.add(request.socket?.localPort);
  }
  agent.destroy();
  expect([connections.size, ports.size]).toEqual([1, 1]);
});

test('trailers are passed on in both directions', async () => {
  const response = await get('/trailers');
  expect(await text(response)).toBe('body');
  expect(response.trailers).toEqual({ 'x-checksum': 'abc' });

  const request = send('/upload', { method: 'POST', headers: { 'transfer-encoding': 'chunked', trailer: 'x-sum' } });
  request.write('12345');
  request.addTrailers({ 'x-sum': '15' });
  expect(JSON.parse(await textOf(request.end()))).toMatchObject({ bytes: 5, trailers: { 'x-sum': '15' } });
});

test('a client that expects 100 Continue gets it, or the refusal of its body', async () => {
  const startUpload = (headers: Record<string, string> = {}) =>
    send('/upload', { method: 'PUT', headers: { expect: '100-continue', 'content-length': '5', ...headers } });
  const accepted = startUpload();
  await once(accepted, 'continue');
  expect(JSON.parse(await textOf(accepted.end('12345')))).toMatchObject({ bytes: 5 });
  const refused = startUpload({ 'x-size': 'too large' });
  refused.flushHeaders();
  expect((await responseOf(refused)).statusCode).toBe(413);
  refused.destroy();
});

test('an app is healthy when it responds, unhealthy when it dies, and healthy again', async () => {
  await app.run('touch down');
  await get('/down').catch((error: Error) => error);
  await app.waitForHealth('unhealthy');
  expect((await get('/', { accept: 'text/html' })).statusCode).toBe(502);
  await app.run('rm down');
  await app.waitForHealth('healthy');
  expect((await get('/')).statusCode).toBe(200);
});
