import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { scriptTemplate } from '../../support/apps/script-template.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { givenExec } from '../../support/clients/exec.ts';

/** An app that responds with the length of the request body. */
const template = scriptTemplate(
  'app',
  `
  require('node:http').createServer((q, s) => {
    let n = 0;
    q.on('data', (c) => { n += c.length; });
    q.on('end', () => s.end(String(n)));
  }).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
`,
);

/** Long enough that a busy machine reads the other bodies in time. */
const bodyMs = 1_500;
let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ bodyMs, templateFolders: [givenTemplates({ app: template })] });
});
afterAll(() => berth.end());

/** Sends a request whose body begins but never ends. Returns the response once the connection is closed. */
const givenSlowRequest = (path: string, type = 'application/json', method = 'POST') => {
  const { host, hostname, port } = new URL(berth.url);
  const socket: Socket = connect(Number(port), hostname);
  let response = '';
  socket.on('data', (chunk: Buffer) => {
    response += chunk.toString();
  });
  const token = berth.tokenOf('ada');
  const headers = [`host: ${host}`, `origin: ${berth.url}`, `authorization: Bearer ${token}`, `content-type: ${type}`];
  socket.write([`${method} ${path} HTTP/1.1`, ...headers, 'content-length: 100', '', '{'].join('\r\n'));
  return once(socket, 'close').then(() => response);
};

test('a body that does not arrive gets a 408, and its connection is closed', async () => {
  const form = 'application/x-www-form-urlencoded';
  const [api, page, tokens] = await Promise.all([
    givenSlowRequest('/api/workspaces'),
    givenSlowRequest('/sign-in/anything', form),
    givenSlowRequest('/oidc/token', form),
  ]);
  for (const response of [api, page, tokens]) {
    expect(response).toMatch(/^HTTP\/1\.1 408 /);
    expect(response).toContain('"type":"https://berth.dev/errors/request_timeout"');
    expect(response).toContain('was not complete within 1.5 seconds');
  }
});

test('a connection whose body continues after the response is closed, too', async () => {
  const [unknown, known] = await Promise.all([
    givenSlowRequest('/nothing-here'),
    givenSlowRequest('/openapi.json', 'application/json', 'GET'),
  ]);
  expect(unknown).toMatch(/^HTTP\/1\.1 404 /);
  expect(known).toMatch(/^HTTP\/1\.1 200 /);
});

test('requests to apps and sessions have no time limit', async () => {
  const ada = berth.as('ada');
  const { id } = await ada.createWorkspace({ body: { name: 'demo', template: 'app' } });
  await untilStatus(ada, id, 'running');
  const app = async () => (await ada.getWorkspace({ params: { workspace: id } })).apps[0];
  await vi.waitUntil(async () => (await app())?.health === 'healthy', { timeout: 60_000, interval: 50 });
  const session = await givenExec(berth, id, ['cat']);
  const { ticket } = await ada.createTicket({ params: { workspace: id }, body: { for: 'app', app: 'web' } });
  const { host } = new URL((await app())?.url ?? '');
  const headers = { host, origin: berth.url, 'content-type': 'application/x-www-form-urlencoded' };
  const opening = request(`${berth.url}/.berth/session`, { method: 'POST', headers });
  opening.end(new URLSearchParams({ ticket, path: '/' }).toString());
  const [opened] = await once(opening, 'response');
  const cookie = String(opened.headers['set-cookie']).split(';')[0] ?? '';

  const upload = request(berth.url, { method: 'POST', headers: { host, cookie } });
  upload.write('first half, ');
  await givenSlowRequest('/api/workspaces');
  upload.end('second half');
  const [response] = await once(upload, 'response');
  expect(String(await response.toArray())).toBe('23');
  session.write('still here\n');
  await expect.poll(session.output).toBe('still here\n');
  session.close();
});
