import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { scriptTemplate } from '../../support/apps/script-template.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { runCli } from '../../support/clients/cli.ts';
import { cookieOf, type HostRequest, postTicket, requestHost } from '../../support/clients/host-request.ts';

/** A small app that returns its request's headers, streams, takes an upload and accepts WebSockets. */
const app = `
const http = require('node:http'), crypto = require('node:crypto');
http.createServer((q, s) => {
  if (q.url === '/stream') { s.write('one\\n'); return setTimeout(() => s.end('two\\n'), 50); }
  if (q.url === '/length') { let n = 0; q.on('data', (c) => { n += c.length; }); return q.on('end', () => s.end(String(n))); }
  s.setHeader('set-cookie', ['own=1', 'wide=1; Domain=localhost', 'berth-app=stolen']);
  s.end(JSON.stringify(q.headers));
}).on('upgrade', (q, s) => {
  const key = crypto.createHash('sha1').update(q.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  s.write('HTTP/1.1 101 x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n');
  s.write(Buffer.from([0x81, 5, ...Buffer.from('hello')]));
}).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
`;
const template = scriptTemplate('app', app, { apps: '[{ name: web, displayName: Web }]' });

/** A server of another protocol on the app's port. */
const mail =
  "require('node:net').createServer((s) => s.on('error', () => {}).end('220 mail ESMTP\\r\\n')).listen(process.env.BERTH_APP_MAIL_PORT, '127.0.0.1').on('error', () => {});";
const brokenTemplate = scriptTemplate('broken', mail, { apps: '[{ name: mail, health: { every: 1s, failures: 1 } }]' });

let berth: TestBerth;
let host: string;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ app: template, broken: brokenTemplate })] });
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'app' } });
  await untilStatus(berth.as('ada'), id, 'running');
  const health = async () => (await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } })).apps[0]?.health;
  await vi.waitUntil(async () => (await health()) === 'healthy', { timeout: 60_000, interval: 50 });
  host = new URL((await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } })).apps[0]?.url ?? '').host;
});
afterAll(() => berth.end());

const send = (path: string, request?: HostRequest) => requestHost(berth, host, path, request);

const signIn = async (person: 'ada' | 'linus' = 'ada', workspace = 'demo') => {
  const { ticket, url } = await berth
    .as(person)
    .createTicket({ params: { workspace }, body: { for: 'app', app: 'web' } });
  expect(new URL(url).host).toBe(host);
  return ticket;
};

const post = (ticket: string, origin = berth.url) => postTicket(berth, host, ticket, { path: '/x?y=1', origin });
const opened = async () => cookieOf(await post(await signIn()));

describe('an app', () => {
  test('redirects to the portal for sign-in', async () => {
    const page = await send('/some/path?q=1', { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } });
    expect(page.status).toBe(302);
    expect(page.headers['location']).toBe(`${berth.url}/open?app=web--demo--ada&path=%2Fsome%2Fpath%3Fq%3D1`);
    expect((await send('/api/data')).status).toBe(401);
  });

  test('opens with a ticket once, and receives neither Berth’s cookie nor its domain', async () => {
    const ticket = await signIn();
    const response = await post(ticket);
    expect(response).toMatchObject({ status: 303, headers: { location: `http://${host}/x?y=1` } });
    expect(String(response.headers['set-cookie'])).toMatch(/^berth-app=[^;]+;.*HttpOnly.*SameSite=Lax/i);
    expect((await post(ticket)).status).toBe(401);

    const cookie = cookieOf(response);
    const shown = await send('/', { headers: { cookie: `a=1; ${cookie}; b=2`, 'x-forwarded-host': 'evil' } });
    const seen = JSON.parse(shown.body) as Record<string, string>;
    expect(seen['cookie']).toBe('a=1; b=2');
    expect(seen['x-forwarded-host']).toBe(host);
    expect(shown.headers['set-cookie']).toEqual(['own=1', 'wide=1']);
  });

  test('is not opened by a ticket from a foreign page, of another app or of another person', async () => {
    expect((await post(await signIn(), 'http://evil.example')).status).toBe(403);
    await expect(signIn('linus')).rejects.toMatchObject({ problem: { status: 404 } });
    const { id } = await berth.as('linus').createWorkspace({ body: { name: 'demo', template: 'app' } });
    const { ticket } = await berth
      .as('linus')
      .createTicket({ params: { workspace: id }, body: { for: 'app', app: 'web' } });
    expect((await post(ticket)).status).toBe(401);
    await berth.as('linus').deleteWorkspace({ params: { workspace: id } });
  });

  test('streams, accepts large uploads, and accepts WebSockets from its own pages only', async () => {
    const cookie = await opened();
    expect((await send('/stream', { headers: { cookie } })).body).toBe('one\ntwo\n');
    const upload = await send('/length', { method: 'POST', headers: { cookie }, body: Buffer.alloc(5_000_000) });
    expect(upload.body).toBe('5000000');

    const dial = (origin: string) =>
      new WebSocket(berth.url.replace('http', 'ws'), { headers: { host, cookie, origin } });
    const [message] = (await once(dial(`http://${host}`), 'message')) as [Buffer];
    expect(message.toString()).toBe('hello');
    const foreign = dial('http://evil.example');
    const [error] = (await once(foreign, 'error')) as [Error];
    expect(error.message).toContain('403');
  });

  test('of a stopped workspace shows a page that links to its start', async () => {
    const cookie = await opened();
    await berth.as('ada').stopWorkspace({ params: { workspace: 'demo' } });
    const { id } = await berth.as('ada').getWorkspace({ params: { workspace: 'demo' } });
    await untilStatus(berth.as('ada'), id, 'stopped');
    const page = await send('/', { headers: { cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate' } });
    expect(page.status).toBe(503);
    expect(page.body).toContain('stopped');
    expect(page.body).toContain(`${berth.url}/workspaces/${id}?start=1`);
  });
});

test('a host without an app is refused', async () => {
  for (const odd of [
    'web--demo--ada.localhost',
    `web--demo--ada.evil.${host.split('.')[1]}`,
    `${host}.`,
    `x.${host}`,
  ]) {
    expect((await send('/', { headers: { host: odd } })).status, odd).toBeGreaterThanOrEqual(400);
  }
});

test('the API and the command line show why an app is unhealthy', async () => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'broken', template: 'broken' } });
  await untilStatus(berth.as('ada'), id, 'running');
  const first = async () => (await berth.as('ada').getWorkspace({ params: { workspace: id } })).apps[0];
  // At first nothing listens; the later problem replaces that one.
  const isReported = async () => (await first())?.problem?.startsWith('mail sent an invalid response. ');
  await vi.waitUntil(isReported, { timeout: 60_000, interval: 50 });
  const { problem, health } = (await first()) ?? {};
  expect(health).toBe('unhealthy');
  const { out } = await runCli(['show', 'broken'], { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') });
  expect(out).toContain(problem);
});
