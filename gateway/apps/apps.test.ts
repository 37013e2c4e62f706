import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostRequest } from '../../test/support/clients/host-request.ts';
import {
  type Berth,
  busyMachineMs,
  cleanUp,
  givenAppSession,
  givenBerth,
  givenWorkspace,
  healthOf,
  open,
  requestApp,
  untilReady,
} from '../testing/harness.ts';

afterEach(cleanUp);

/** An app that echoes its request, streams, hashes uploads, sets cookies and accepts WebSockets. */
const app = `cat > web.js <<'EOF'
const http = require('http'), crypto = require('crypto')
const server = http.createServer((q, r) => {
  if (q.url === '/stream') { let n = 0; r.writeHead(200, {'content-type': 'text/event-stream'}); const t = setInterval(() => r.write('data: ' + n++ + '\\n\\n'), 50); return r.on('close', () => clearInterval(t)) }
  if (q.url === '/upload') { const h = crypto.createHash('sha256'); let n = 0; q.on('data', d => { n += d.length; h.update(d) }); return q.on('end', () => r.end(n + ' ' + h.digest('hex'))) }
  if (q.url === '/cookies') { r.setHeader('set-cookie', ['a=1; Domain=localhost; Path=/', 'berth-app=stolen', '__Host-berth-app=stolen; Path=/', 'b=2; HttpOnly']); return r.end('ok') }
  r.setHeader('content-type', 'application/json'); r.end(JSON.stringify({ method: q.method, url: q.url, headers: q.headers }))
})
server.on('upgrade', (q, s) => {
  const accept = crypto.createHash('sha1').update(q.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  const hello = Buffer.from(JSON.stringify(q.headers))
  s.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSet-Cookie: berth-app=stolen\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
  s.write(Buffer.concat([Buffer.from([0x81, 126, hello.length >> 8, hello.length & 255]), hello]))
  s.on('data', () => {}); s.on('error', () => {})
})
server.listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1')
EOF
$BERTH_NODE web.js > /dev/null 2>&1 &`;

const label = 'web--demo1--ada';

const givenApp = async (options: Parameters<typeof givenBerth>[0] = {}) => {
  const berth = await givenBerth(options);
  const apps = [{ name: 'web', health: { every: '1s' } }, { name: 'silent' }];
  const workspace = await givenWorkspace(berth, { startup: app, apps });
  await untilReady(berth);
  await expect.poll(() => healthOf(berth)).toContain('web healthy');
  return { berth, workspace, cookie: givenAppSession(berth, label) };
};

const echoed = (body: string): { method: string; url: string; headers: Record<string, string> } => JSON.parse(body);
const html = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

describe('an app', () => {
  it('receives the path and query unchanged', async () => {
    const { berth, cookie } = await givenApp();
    const response = await requestApp(berth, label, '/a%2Fb/../c?d=%20e', { headers: { cookie } });
    expect(response.status).toBe(200);
    expect(echoed(response.body)).toMatchObject({ method: 'GET', url: '/a%2Fb/../c?d=%20e' });
    expect(echoed(response.body).headers['host']).toBe(`${label}.${berth.domain}`);
  });

  it('receives a body without a time limit', async () => {
    const { berth, cookie } = await givenApp({ bodyTimeoutMs: 1 });
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/upload', method: 'POST', headers });
    sent.write('first ');
    await requestApp(berth, label, '/', { headers: { cookie } });
    sent.end('last');
    const [response] = await once(sent, 'response');
    expect(await text(response)).toMatch(/^10 /);
  });

  it('receives neither Berth’s cookies and tokens nor forged forwarding headers', async () => {
    const { berth, cookie } = await givenApp();
    const response = await requestApp(berth, label, '/', {
      headers: {
        cookie: `own=1; ${cookie}; __Host-berth-app=x; more=2`,
        authorization: 'Bearer berth_secret',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-for': '6.6.6.6',
        forwarded: 'host=evil.example',
      },
    });
    const { headers } = echoed(response.body);
    expect(headers['cookie']).toBe('own=1; more=2');
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('forwarded');
    expect(headers['x-forwarded-host']).toBe(`${label}.${berth.domain}`);
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(headers['x-forwarded-proto']).toBe('http');
  });

  it('receives an Authorization header that is not Berth’s', async () => {
    const { berth, cookie } = await givenApp();
    const response = await requestApp(berth, label, '/', { headers: { cookie, authorization: 'Bearer own-token' } });
    expect(echoed(response.body).headers['authorization']).toBe('Bearer own-token');
  });

  it('can set cookies for its own host only, and never Berth’s', async () => {
    const { berth, cookie } = await givenApp();
    const response = await requestApp(berth, label, '/cookies', { headers: { cookie } });
    expect(response.headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2; HttpOnly']);
  });

  it('can stream its response', async () => {
    const { berth, cookie } = await givenApp();
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/stream', headers }).end();
    const [response] = await once(sent, 'response');
    const [first] = await once(response, 'data');
    expect(String(first)).toContain('data: ');
    sent.destroy();
  });

  it('receives large uploads', async () => {
    const { berth, cookie } = await givenApp();
    const body = Buffer.alloc(30 * 1024 * 1024, 'x');
    const response = await requestApp(berth, label, '/upload', { method: 'POST', headers: { cookie }, body });
    expect(response.body).toMatch(new RegExp(`^${body.length} [0-9a-f]{64}$`));
  });

  it('serves 300 requests at once', async () => {
    const { berth, cookie } = await givenApp();
    const responses = await Promise.all(
      Array.from({ length: 300 }, (_, index) => requestApp(berth, label, `/${index}`, { headers: { cookie } })),
    );
    expect(responses.map(({ body }) => echoed(body).url)).toEqual(responses.map((_, index) => `/${index}`));
  });

  it('counts a page that a person opened as activity, but neither health checks nor requests of pages', async () => {
    const { berth, cookie } = await givenApp();
    await requestApp(berth, label, '/', { headers: { cookie } });
    expect(berth.rules.activity).toEqual([]);
    const byPerson = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' };
    await requestApp(berth, label, '/', { headers: { cookie, ...byPerson } });
    await expect.poll(() => berth.rules.activity.length).toBe(1);
  });

  it('that does not listen yet shows a page that reloads', async () => {
    const { berth } = await givenApp();
    const cookie = givenAppSession(berth, 'silent--demo1--ada');
    const page = await requestApp(berth, 'silent--demo1--ada', '/', { headers: { cookie, ...html } });
    expect(page).toMatchObject({ status: 502, body: expect.stringContaining('http-equiv="refresh"') });
    const problem = await requestApp(berth, 'silent--demo1--ada', '/api', { headers: { cookie } });
    expect(problem).toMatchObject({ status: 502, body: expect.stringContaining('/errors/agent_unreachable') });
  });

  it('that the manifest does not declare cannot be opened', async () => {
    const { berth } = await givenApp();
    const cookie = givenAppSession(berth, 'other--demo1--ada');
    const response = await requestApp(berth, 'other--demo1--ada', '/', { headers: { cookie } });
    expect(response).toMatchObject({ status: 502, body: expect.stringContaining('has no such app') });
  });

  it('is closed when the session is revoked, open streams included', async () => {
    const { berth, cookie } = await givenApp();
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/stream', headers }).end();
    const [response] = await once(sent, 'response');
    const opened = await open(berth, `${label}.${berth.domain}`, '/socket', { cookie });
    if (!('socket' in opened)) throw new Error(`refused: ${opened.status}`);
    const revoked = Date.now();
    berth.rules.appSessions.clear();
    await Promise.all([expect(text(response)).rejects.toThrow(), once(opened.socket, 'close')]);
    expect(Date.now() - revoked).toBeLessThan(busyMachineMs);
  });

  it('receives the browser’s address from the load balancer, not from the browser', async () => {
    const { berth, cookie } = await givenApp({ behindLoadBalancer: true });
    const headers = { cookie, 'x-forwarded-for': '6.6.6.6, 203.0.113.7' };
    expect(echoed((await requestApp(berth, label, '/', { headers })).body).headers['x-forwarded-for']).toBe(
      '203.0.113.7',
    );
  });

  it('is closed when its agent is disconnected, open streams included', async () => {
    const { berth, workspace, cookie } = await givenApp();
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/stream', headers }).end();
    const [response] = await once(sent, 'response');
    workspace.over = true;
    berth.gateway.disconnect(workspace.id);
    await expect(text(response)).rejects.toThrow();
  });
});

describe('a WebSocket to an app', () => {
  const path = '/socket';

  it('is forwarded without Berth’s cookie', async () => {
    const { berth, cookie } = await givenApp();
    const origin = `http://${label}.${berth.domain}`;
    const opened = await open(berth, `${label}.${berth.domain}`, path, { cookie: `x=1; ${cookie}`, origin });
    if (!('socket' in opened)) throw new Error(`refused: ${opened.status}`);
    const { messages } = opened;
    await expect.poll(() => messages).toHaveLength(1);
    expect(JSON.parse(messages[0] ?? '')).toMatchObject({ cookie: 'x=1', origin });
    expect(messages[0]).not.toContain('session-of');
  });

  it.each([
    ['another site’s', () => 'https://evil.example'],
    ['another workspace’s', (berth: Berth) => `http://web--demo2--ada.${berth.domain}`],
    ['another person’s', (berth: Berth) => `http://web--demo1--linus.${berth.domain}`],
    ['a lookalike host’s', (berth: Berth) => `http://api--demo1--ada.${berth.domain}.evil.example`],
    ['a sibling’s https', (berth: Berth) => `https://api--demo1--ada.${berth.domain}`],
    ['the portal’s', (berth: Berth) => `http://${berth.domain}`],
    ['an opaque', () => 'null'],
  ])('with %s Origin is refused', async (_, originOf) => {
    const { berth, cookie } = await givenApp();
    const opened = await open(berth, `${label}.${berth.domain}`, path, { cookie, origin: originOf(berth) });
    expect(opened).toMatchObject({ status: 403 });
  });

  it.each(['api', '8080'])(
    'with the Origin of %s in its workspace opens if it is shared with everyone with whom that one is shared',
    async (sibling) => {
      const { berth, cookie } = await givenApp();
      const origin = `http://${sibling}--demo1--ada.${berth.domain}`;
      const dial = () => open(berth, `${label}.${berth.domain}`, path, { cookie, origin });
      expect(await dial()).toHaveProperty('socket');
      berth.rules.audiences.set(sibling, 'everyone');
      const body = expect.stringContaining('Share web with them too');
      await expect.poll(dial).toMatchObject({ status: 403, body });
      berth.rules.audiences.set('web', 'everyone');
      expect(await dial()).toHaveProperty('socket');
      // The session is required nevertheless.
      expect(await open(berth, `${label}.${berth.domain}`, path, { origin })).toMatchObject({ status: 401 });
    },
  );

  it('without a session is refused', async () => {
    const { berth } = await givenApp();
    expect(await open(berth, `${label}.${berth.domain}`, path, {})).toMatchObject({ status: 401 });
  });

  it('is closed when its agent is disconnected', async () => {
    const { berth, workspace, cookie } = await givenApp();
    const opened = await open(berth, `${label}.${berth.domain}`, path, { cookie });
    if (!('socket' in opened)) throw new Error(`refused: ${opened.status}`);
    berth.gateway.disconnect(workspace.id);
    await expect.poll(() => opened.socket.readyState).toBe(3);
  });
});

describe('a POST request of a page', () => {
  const post = (berth: Berth, origin: string, cookie: string) =>
    requestApp(berth, label, '/', { method: 'POST', headers: { cookie, origin } });

  it('of the app itself or another app of the workspace is forwarded', async () => {
    const { berth, cookie } = await givenApp();
    expect(await post(berth, `http://${label}.${berth.domain}`, cookie)).toMatchObject({ status: 200 });
    expect(await post(berth, `http://api--demo1--ada.${berth.domain}`, cookie)).toMatchObject({ status: 200 });
  });

  it('of the app itself is forwarded with the Origin null, as a referrer policy of no-referrer sends it', async () => {
    const { berth, cookie } = await givenApp();
    const form = { cookie, origin: 'null', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const postForm = (site: string) =>
      requestApp(berth, label, '/', { method: 'POST', headers: { ...form, 'sec-fetch-site': site } });
    expect(await postForm('same-origin')).toMatchObject({ status: 200 });
    for (const site of ['same-site', 'cross-site']) expect(await postForm(site)).toMatchObject({ status: 403 });
  });

  it('without an Origin is refused if other headers show that the page is another’s', async () => {
    const { berth, cookie } = await givenApp();
    const post = async (headers: Record<string, string>) =>
      (await requestApp(berth, label, '/', { method: 'POST', headers: { cookie, ...headers } })).status;
    for (const site of ['same-site', 'cross-site']) expect(await post({ 'sec-fetch-site': site })).toBe(403);
    expect(await post({ referer: 'https://evil.example/' })).toBe(403);
    expect(await post({ referer: `http://api--demo1--ada.${berth.domain}/x`, 'sec-fetch-site': 'same-site' })).toBe(
      200,
    );
    expect(await post({})).toBe(200);
  });

  it('has no preflight that reaches an app, because a preflight carries no session', async () => {
    const { berth, cookie } = await givenApp();
    const preflight = {
      'access-control-request-method': 'PUT',
      'sec-fetch-site': 'same-site',
      'sec-fetch-mode': 'cors',
    };
    const sibling = { ...preflight, origin: `http://api--demo1--ada.${berth.domain}` };
    const send = (at: string, headers: Record<string, string>) =>
      requestApp(berth, at, '/', { method: 'OPTIONS', headers });
    const refused = await send(label, sibling);
    expect(refused.status).toBe(401);
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    // The same response as for a workspace that does not exist.
    const nowhere = { ...preflight, origin: `http://api--none--ada.${berth.domain}` };
    expect(await send('web--none--ada', nowhere)).toMatchObject({ status: 401, body: refused.body });
    expect(await send(label, { ...preflight, cookie, origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  });

  it('of any other origin is refused', async () => {
    const { berth, cookie } = await givenApp();
    for (const origin of [`http://web--demo1--linus.${berth.domain}`, `http://${berth.domain}`, 'null']) {
      expect(await post(berth, origin, cookie)).toMatchObject({ status: 403 });
    }
  });
});

describe('a resource of an app', () => {
  const load = (berth: Berth, cookie: string, headers: Record<string, string>) =>
    requestApp(berth, label, '/', { headers: { cookie, ...headers } });
  const script = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' };
  const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };

  it('is loaded by pages of its own workspace and by navigation', async () => {
    const { berth, cookie } = await givenApp();
    const sibling = `http://api--demo1--ada.${berth.domain}/`;
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const allowed = [
      { 'sec-fetch-site': 'same-origin', ...script },
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      { ...link, referer: 'https://elsewhere.example/' },
      { 'sec-fetch-site': 'same-site', ...script, referer: sibling },
      { 'sec-fetch-site': 'same-site', ...frame, referer: sibling },
    ];
    for (const headers of allowed)
      expect((await load(berth, cookie, headers)).status, JSON.stringify(headers)).toBe(200);
  });

  it('is not loaded by pages of an app that is shared with more people, whose POST requests are refused too', async () => {
    const { berth, cookie } = await givenApp();
    berth.rules.audiences.set('api', 'everyone');
    const origin = `http://api--demo1--ada.${berth.domain}`;
    const ofPage = [script, frame].map((headers) => ({ 'sec-fetch-site': 'same-site', ...headers, referer: origin }));
    for (const headers of ofPage) expect((await load(berth, cookie, headers)).status).toBe(403);
    const post = () => requestApp(berth, label, '/', { method: 'POST', headers: { cookie, origin } });
    expect(await post()).toMatchObject({ status: 403, body: expect.stringContaining('Share web with them too') });
    berth.rules.audiences.set('web', 'everyone');
    expect(await post()).toMatchObject({ status: 200 });
  });

  it('is not loaded by any other page, which could read or frame it with the person’s cookie', async () => {
    const { berth, cookie } = await givenApp();
    const pages = [
      `http://web--demo1--linus.${berth.domain}/`,
      `http://web--demo2--ada.${berth.domain}/`,
      `http://${berth.domain}/`,
      'https://evil.example/',
      undefined,
    ];
    for (const referer of pages) {
      for (const kind of [script, frame, { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }]) {
        const headers = { 'sec-fetch-site': 'same-site', ...kind, ...(referer === undefined ? {} : { referer }) };
        expect((await load(berth, cookie, headers)).status, JSON.stringify(headers)).toBe(403);
      }
    }
  });
});

describe('a person without a session', () => {
  it('is redirected to the portal, and nowhere else', async () => {
    const berth = await givenBerth();
    const response = await requestApp(berth, label, '/deep?x=1&y=//evil', { headers: html });
    expect(response.status).toBe(302);
    expect(response.headers.location).toBe(
      `http://${berth.domain}/open?app=${label}&path=%2Fdeep%3Fx%3D1%26y%3D%2F%2Fevil`,
    );
  });

  it('keeps any path during the sign-in, up to the longest that the portal accepts', async () => {
    const berth = await givenBerth();
    const locationFor = async (path: string) =>
      (await requestApp(berth, label, path, { headers: html })).headers.location;
    for (const path of ['//double/x', '/a\\b', `/?long=${'x'.repeat(7_000)}`]) {
      expect(new URL((await locationFor(path)) ?? '').searchParams.get('path')).toBe(path);
    }
    const page = await requestApp(berth, label, `/?long=${'x'.repeat(9_000)}`, { headers: html });
    expect(page).toMatchObject({ status: 414, body: expect.stringContaining('too long') });
  });

  it.each([
    ['a program', {}],
    ['a script of a page', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
  ])('receives a problem as %s', async (_, headers) => {
    const berth = await givenBerth();
    const response = await requestApp(berth, label, '/', { headers });
    expect(response).toMatchObject({ status: 401, body: expect.stringContaining('/errors/unauthenticated') });
    expect(response.headers['content-type']).toBe('application/problem+json');
  });

  it('cannot use the session of another app', async () => {
    const berth = await givenBerth();
    const cookie = givenAppSession(berth, 'web--demo2--ada');
    expect(await requestApp(berth, label, '/', { headers: { cookie } })).toMatchObject({ status: 401 });
  });
});

describe('a ticket', () => {
  const form = (berth: Berth, fields: Record<string, string>, options: HostRequest = {}): HostRequest => ({
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    ...options,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: `http://${berth.domain}`,
      ...options.headers,
    },
  });
  const givenTicket = async (options: Parameters<typeof givenBerth>[0] = {}) => {
    const berth = await givenBerth(options);
    berth.rules.appTickets.set('t1', label);
    return berth;
  };

  it('is exchanged once, for a cookie of this host and a redirect to the app', async () => {
    const berth = await givenTicket();
    const response = await requestApp(berth, label, '/.berth/session', form(berth, { ticket: 't1', path: '/a?b=c' }));
    expect(response.status).toBe(303);
    expect(response.headers.location).toBe(`http://${label}.${berth.domain}/a?b=c`);
    expect(response.headers['set-cookie']?.[0]).toMatch(
      /^berth-app=session-of-web--demo1--ada; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    const again = await requestApp(berth, label, '/.berth/session', form(berth, { ticket: 't1' }));
    expect(again).toMatchObject({ status: 401, body: expect.stringContaining('/errors/ticket_invalid') });
  });

  it('is exchanged for a __Host- cookie if Berth is served by https', async () => {
    const berth = await givenTicket({ secureCookies: true });
    const response = await requestApp(berth, label, '/.berth/session', form(berth, { ticket: 't1' }));
    expect(response.headers['set-cookie']?.[0]).toMatch(/^__Host-berth-app=.*; Path=\/;.*; Secure$/);
  });

  it.each(['//evil.example/', '/\\evil.example', '/a\\b?c=\\d', `/?long=${'x'.repeat(7_000)}`])(
    'redirects to the path %j of the app, also if it looks like another host',
    async (path) => {
      const berth = await givenTicket();
      const response = await requestApp(berth, label, '/.berth/session', form(berth, { ticket: 't1', path }));
      expect(response.status).toBe(303);
      expect(response.headers.location).toBe(`http://${label}.${berth.domain}${path}`);
      expect(new URL(response.headers.location ?? '').host).toBe(`${label}.${berth.domain}`);
    },
  );

  it.each(['\\evil.example', 'https://evil.example', '', '/a\r\nx: y', '/ä'])('never redirects to %j', async (path) => {
    const berth = await givenTicket();
    const response = await requestApp(berth, label, '/.berth/session', form(berth, { ticket: 't1', path }));
    expect(response.status).toBe(400);
    expect(berth.rules.appTickets.has('t1')).toBe(true);
  });

  it.each([
    ['a page of another site', { headers: { origin: 'https://evil.example' } }, 403],
    ['a page of an opaque origin', { headers: { origin: 'null' } }, 403],
    ['a link', { method: 'GET', body: '' }, 405],
    ['another kind of body', { headers: { 'content-type': 'application/json' } }, 415],
    ['a body beyond 32 KiB', { body: 'x'.repeat(33_000) }, 413],
  ])('is refused from %s', async (_, options, status) => {
    const berth = await givenTicket();
    expect(await requestApp(berth, label, '/.berth/session', form(berth, { ticket: 't1' }, options))).toMatchObject({
      status,
    });
    expect(berth.rules.appTickets.has('t1')).toBe(true);
  });

  it('of another app is refused', async () => {
    const berth = await givenTicket();
    const response = await requestApp(berth, 'other--demo1--ada', '/.berth/session', form(berth, { ticket: 't1' }));
    expect(response.status).toBe(401);
  });
});

describe('a workspace that does not run', () => {
  it.each([
    ['stopped', 'Start workspace', false],
    ['starting', 'is starting', true],
    ['failed', 'failed to start', false],
    ['running', 'is connecting', true],
  ] as const)('(%s) shows a page that explains it', async (status, words, refreshes) => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { token: 'forged' });
    workspace.status = status;
    const cookie = givenAppSession(berth, label);
    const page = await requestApp(berth, label, '/', { headers: { cookie, ...html } });
    expect(page.status).toBe(503);
    expect(page.body).toContain(words);
    expect(page.body.includes('http-equiv="refresh"')).toBe(refreshes);
    expect(page.body).toContain(`http://${berth.domain}/workspaces/${workspace.id}`);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const problem = await requestApp(berth, label, '/', { headers: { cookie } });
    expect(problem).toMatchObject({ status: 502, body: expect.stringContaining('/errors/agent_unreachable') });
  });
});

describe('a host', () => {
  it.each([
    ['upper case', (berth: Berth) => `WEB--demo1--ada.${berth.domain}`],
    ['a trailing dot', (berth: Berth) => `${label}.localhost.:${berth.port}`],
    ['another port', () => `${label}.localhost:1`],
    ['no port', () => `${label}.localhost`],
    ['an extra label', (berth: Berth) => `x.${label}.${berth.domain}`],
    ['no label', (berth: Berth) => `.${berth.domain}`],
    ['three hyphens', (berth: Berth) => `web---demo1--ada.${berth.domain}`],
    ['two parts', (berth: Berth) => `web--demo1.${berth.domain}`],
    ['an encoded hyphen', (berth: Berth) => `web%2D-demo1--ada.${berth.domain}`],
  ])('with %s is neither an app’s nor the portal’s', async (_, hostOf) => {
    const berth = await givenBerth();
    const cookie = givenAppSession(berth, label);
    const headers = { cookie, 'x-forwarded-host': `${label}.${berth.domain}` };
    const response = await requestApp(berth, label, '/', { headers: { ...headers, host: hostOf(berth) } });
    expect(response.status).toBe(421);
    expect(await open(berth, hostOf(berth), '/', headers)).toMatchObject({ status: 404 });
  });

  it.each(['evil-localhost', 'localhost.evil.example'])(
    '(%s) that only resembles the app domain is not the gateway’s',
    async (host) => {
      const berth = await givenBerth();
      expect(berth.gateway.handles({ headers: { host: `${host}:${berth.port}` } })).toBe(false);
    },
  );
});
