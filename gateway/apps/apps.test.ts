import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Asked } from '../../test/support/clients/host-request.ts';
import {
  ask,
  type Berth,
  busyMachineMs,
  cleanUp,
  givenAppSession,
  givenBerth,
  givenWorkspace,
  healthOf,
  open,
  untilReady,
} from '../testing/harness.ts';

afterEach(cleanUp);

/** An app that tells what reached it, and can stream, swallow, set cookies and speak WebSocket frames of raw bytes. */
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
  await expect.poll(() => healthOf(berth), { timeout: 10_000 }).toContain('web healthy');
  return { berth, workspace, cookie: givenAppSession(berth, label) };
};

const seen = (body: string): { method: string; url: string; headers: Record<string, string> } => JSON.parse(body);
const html = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

describe('an app', () => {
  it('answers its own session, path and query unchanged', async () => {
    const { berth, cookie } = await givenApp();
    const answer = await ask(berth, label, '/a%2Fb/../c?d=%20e', { headers: { cookie } });
    expect(answer.status).toBe(200);
    expect(seen(answer.body)).toMatchObject({ method: 'GET', url: '/a%2Fb/../c?d=%20e' });
    expect(seen(answer.body).headers['host']).toBe(`${label}.${berth.domain}`);
  });

  it('is sent a body for as long as that takes', async () => {
    const { berth, cookie } = await givenApp({ bodyTimeoutMs: 1 });
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/upload', method: 'POST', headers });
    sent.write('first ');
    await ask(berth, label, '/', { headers: { cookie } });
    sent.end('last');
    const [response] = await once(sent, 'response');
    expect(await text(response)).toMatch(/^10 /);
  });

  it('never sees Berth’s cookies and tokens, and hears the truth about where a request came from', async () => {
    const { berth, cookie } = await givenApp();
    const answer = await ask(berth, label, '/', {
      headers: {
        cookie: `theirs=1; ${cookie}; __Host-berth-app=x; more=2`,
        authorization: 'Bearer berth_secret',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-for': '6.6.6.6',
        forwarded: 'host=evil.example',
      },
    });
    const { headers } = seen(answer.body);
    expect(headers['cookie']).toBe('theirs=1; more=2');
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('forwarded');
    expect(headers['x-forwarded-host']).toBe(`${label}.${berth.domain}`);
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(headers['x-forwarded-proto']).toBe('http');
  });

  it('keeps its own authorization', async () => {
    const { berth, cookie } = await givenApp();
    const answer = await ask(berth, label, '/', { headers: { cookie, authorization: 'Bearer its-own' } });
    expect(seen(answer.body).headers['authorization']).toBe('Bearer its-own');
  });

  it('sets cookies for its own host only, and never Berth’s', async () => {
    const { berth, cookie } = await givenApp();
    const answer = await ask(berth, label, '/cookies', { headers: { cookie } });
    expect(answer.headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2; HttpOnly']);
  });

  it('streams', async () => {
    const { berth, cookie } = await givenApp();
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/stream', headers }).end();
    const [response] = await once(sent, 'response');
    const [first] = await once(response, 'data');
    expect(String(first)).toContain('data: ');
    sent.destroy();
  });

  it('takes large uploads', async () => {
    const { berth, cookie } = await givenApp();
    const body = Buffer.alloc(30 * 1024 * 1024, 'x');
    const answer = await ask(berth, label, '/upload', { method: 'POST', headers: { cookie }, body });
    expect(answer.body).toMatch(new RegExp(`^${body.length} [0-9a-f]{64}$`));
  });

  it('is used by many at once', async () => {
    const { berth, cookie } = await givenApp();
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => ask(berth, label, `/${index}`, { headers: { cookie } })),
    );
    expect(answers.map(({ body }) => seen(body).url)).toEqual(answers.map((_, index) => `/${index}`));
  });

  it('counts a page that a person asked for as activity, and neither its health checks nor what pages send', async () => {
    const { berth, cookie } = await givenApp();
    await ask(berth, label, '/', { headers: { cookie } });
    expect(berth.rules.activity).toEqual([]);
    const byPerson = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' };
    await ask(berth, label, '/', { headers: { cookie, ...byPerson } });
    await expect.poll(() => berth.rules.activity.length).toBe(1);
  });

  it('that does not listen yet shows a page that tries again', async () => {
    const { berth } = await givenApp();
    const cookie = givenAppSession(berth, 'silent--demo1--ada');
    const page = await ask(berth, 'silent--demo1--ada', '/', { headers: { cookie, ...html } });
    expect(page).toMatchObject({ status: 502, body: expect.stringContaining('http-equiv="refresh"') });
    const call = await ask(berth, 'silent--demo1--ada', '/api', { headers: { cookie } });
    expect(call).toMatchObject({ status: 502, body: expect.stringContaining('/errors/agent_unreachable') });
  });

  it('that no manifest declares is never dialled', async () => {
    const { berth } = await givenApp();
    const cookie = givenAppSession(berth, 'other--demo1--ada');
    const answer = await ask(berth, 'other--demo1--ada', '/', { headers: { cookie } });
    expect(answer).toMatchObject({ status: 502, body: expect.stringContaining('has no such app') });
  });

  it('ends when the session is taken away, open streams included', async () => {
    const { berth, cookie } = await givenApp();
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/stream', headers }).end();
    const [response] = await once(sent, 'response');
    const opened = await open(berth, `${label}.${berth.domain}`, '/socket', { cookie });
    if (!('socket' in opened)) throw new Error(`refused: ${opened.status}`);
    const taken = Date.now();
    berth.rules.appSessions.clear();
    await Promise.all([expect(text(response)).rejects.toThrow(), once(opened.socket, 'close')]);
    expect(Date.now() - taken).toBeLessThan(busyMachineMs);
  });

  it('hears of a browser’s address what the load balancer says, and nothing that a browser says', async () => {
    const { berth, cookie } = await givenApp({ behindLoadBalancer: true });
    const headers = { cookie, 'x-forwarded-for': '6.6.6.6, 203.0.113.7' };
    expect(seen((await ask(berth, label, '/', { headers })).body).headers['x-forwarded-for']).toBe('203.0.113.7');
  });

  it('goes away when its workspace is cut off, open streams included', async () => {
    const { berth, workspace, cookie } = await givenApp();
    const headers = { host: `${label}.${berth.domain}`, cookie };
    const sent = request({ host: '127.0.0.1', port: berth.port, path: '/stream', headers }).end();
    const [response] = await once(sent, 'response');
    workspace.over = true;
    berth.gateway.disconnect(workspace.id);
    await expect(text(response)).rejects.toThrow();
  });
});

describe('a WebSocket of an app', () => {
  const path = '/socket';

  it('is passed on without Berth’s cookie', async () => {
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
    ['a foreign', () => 'https://evil.example'],
    ['another workspace’s', (berth: Berth) => `http://web--demo2--ada.${berth.domain}`],
    ['another person’s', (berth: Berth) => `http://web--demo1--linus.${berth.domain}`],
    ['a look-alike', (berth: Berth) => `http://api--demo1--ada.${berth.domain}.evil.example`],
    ['by another scheme a sibling’s', (berth: Berth) => `https://api--demo1--ada.${berth.domain}`],
    ['the portal’s', (berth: Berth) => `http://${berth.domain}`],
    ['an opaque', () => 'null'],
  ])('with %s Origin is refused', async (_, originOf) => {
    const { berth, cookie } = await givenApp();
    const opened = await open(berth, `${label}.${berth.domain}`, path, { cookie, origin: originOf(berth) });
    expect(opened).toMatchObject({ status: 403 });
  });

  it.each(['api', '8080'])(
    'with the Origin of %s of its workspace opens where it is shared with all whom that is shared with',
    async (sibling) => {
      const { berth, cookie } = await givenApp();
      const origin = `http://${sibling}--demo1--ada.${berth.domain}`;
      const dial = () => open(berth, `${label}.${berth.domain}`, path, { cookie, origin });
      expect(await dial()).toHaveProperty('socket');
      berth.rules.audiences.set(sibling, 'everyone');
      const body = expect.stringContaining('Share web with them too');
      await expect.poll(dial, { timeout: busyMachineMs }).toMatchObject({ status: 403, body });
      berth.rules.audiences.set('web', 'everyone');
      expect(await dial()).toHaveProperty('socket');
      // The session is asked for all the same.
      expect(await open(berth, `${label}.${berth.domain}`, path, { origin })).toMatchObject({ status: 401 });
    },
  );

  it('without a session is refused', async () => {
    const { berth } = await givenApp();
    expect(await open(berth, `${label}.${berth.domain}`, path, {})).toMatchObject({ status: 401 });
  });

  it('is closed when its workspace is cut off', async () => {
    const { berth, workspace, cookie } = await givenApp();
    const opened = await open(berth, `${label}.${berth.domain}`, path, { cookie });
    if (!('socket' in opened)) throw new Error(`refused: ${opened.status}`);
    berth.gateway.disconnect(workspace.id);
    await expect.poll(() => opened.socket.readyState).toBe(3);
  });
});

describe('an act of a page', () => {
  const act = (berth: Berth, origin: string, cookie: string) =>
    ask(berth, label, '/', { method: 'POST', headers: { cookie, origin } });

  it('of the app itself or another app of the workspace is passed on', async () => {
    const { berth, cookie } = await givenApp();
    expect(await act(berth, `http://${label}.${berth.domain}`, cookie)).toMatchObject({ status: 200 });
    expect(await act(berth, `http://api--demo1--ada.${berth.domain}`, cookie)).toMatchObject({ status: 200 });
  });

  it('of the app itself that says nothing of where it comes from, as its referrer policy wants it, is passed on', async () => {
    const { berth, cookie } = await givenApp();
    const form = { cookie, origin: 'null', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const post = (site: string) =>
      ask(berth, label, '/', { method: 'POST', headers: { ...form, 'sec-fetch-site': site } });
    expect(await post('same-origin')).toMatchObject({ status: 200 });
    for (const site of ['same-site', 'cross-site']) expect(await post(site)).toMatchObject({ status: 403 });
  });

  it('that does not say whose page it is of, is refused where the browser says that it is another’s', async () => {
    const { berth, cookie } = await givenApp();
    const post = async (headers: Record<string, string>) =>
      (await ask(berth, label, '/', { method: 'POST', headers: { cookie, ...headers } })).status;
    for (const site of ['same-site', 'cross-site']) expect(await post({ 'sec-fetch-site': site })).toBe(403);
    expect(await post({ referer: 'https://evil.example/' })).toBe(403);
    expect(await post({ referer: `http://api--demo1--ada.${berth.domain}/x`, 'sec-fetch-site': 'same-site' })).toBe(
      200,
    );
    expect(await post({})).toBe(200);
  });

  it('is asked for beforehand by nobody: no app hears a preflight, which carries no session', async () => {
    const { berth, cookie } = await givenApp();
    const preflight = {
      'access-control-request-method': 'PUT',
      'sec-fetch-site': 'same-site',
      'sec-fetch-mode': 'cors',
    };
    const sibling = { ...preflight, origin: `http://api--demo1--ada.${berth.domain}` };
    const asked = (at: string, headers: Record<string, string>) => ask(berth, at, '/', { method: 'OPTIONS', headers });
    const refused = await asked(label, sibling);
    expect(refused.status).toBe(401);
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    // As where there is no such workspace.
    const nowhere = { ...preflight, origin: `http://api--none--ada.${berth.domain}` };
    expect(await asked('web--none--ada', nowhere)).toMatchObject({ status: 401, body: refused.body });
    expect(await asked(label, { ...preflight, cookie, origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  });

  it('of anybody else is refused', async () => {
    const { berth, cookie } = await givenApp();
    for (const origin of [`http://web--demo1--linus.${berth.domain}`, `http://${berth.domain}`, 'null']) {
      expect(await act(berth, origin, cookie)).toMatchObject({ status: 403 });
    }
  });
});

describe('what a page loads from an app', () => {
  const load = (berth: Berth, cookie: string, headers: Record<string, string>) =>
    ask(berth, label, '/', { headers: { cookie, ...headers } });
  const script = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' };
  const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };

  it('comes to pages of its own workspace, and to who goes there', async () => {
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

  it('comes to no page of an app that is shared with others, nor do its acts', async () => {
    const { berth, cookie } = await givenApp();
    berth.rules.audiences.set('api', 'everyone');
    const origin = `http://api--demo1--ada.${berth.domain}`;
    const ofPage = [script, frame].map((headers) => ({ 'sec-fetch-site': 'same-site', ...headers, referer: origin }));
    for (const headers of ofPage) expect((await load(berth, cookie, headers)).status).toBe(403);
    const post = () => ask(berth, label, '/', { method: 'POST', headers: { cookie, origin } });
    expect(await post()).toMatchObject({ status: 403, body: expect.stringContaining('Share web with them too') });
    berth.rules.audiences.set('web', 'everyone');
    expect(await post()).toMatchObject({ status: 200 });
  });

  it('comes to no other page, which could read or frame it by the person’s cookie', async () => {
    const { berth, cookie } = await givenApp();
    const pages = [
      `http://web--demo1--linus.${berth.domain}/`,
      `http://web--demo2--ada.${berth.domain}/`,
      `http://${berth.domain}/`,
      'https://evil.example/',
      undefined,
    ];
    for (const referer of pages) {
      for (const how of [script, frame, { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }]) {
        const headers = { 'sec-fetch-site': 'same-site', ...how, ...(referer === undefined ? {} : { referer }) };
        expect((await load(berth, cookie, headers)).status, JSON.stringify(headers)).toBe(403);
      }
    }
  });
});

describe('a person without a session', () => {
  it('is sent to the portal, and nowhere else', async () => {
    const berth = await givenBerth();
    const answer = await ask(berth, label, '/deep?x=1&y=//evil', { headers: html });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe(
      `http://${berth.domain}/open?app=${label}&path=%2Fdeep%3Fx%3D1%26y%3D%2F%2Fevil`,
    );
  });

  it('takes what no browser would come with along, up to what the portal can be asked', async () => {
    const berth = await givenBerth();
    const at = async (path: string) => (await ask(berth, label, path, { headers: html })).headers.location;
    for (const path of ['//double/x', '/a\\b', `/?long=${'x'.repeat(7_000)}`]) {
      expect(new URL((await at(path)) ?? '').searchParams.get('path')).toBe(path);
    }
    const page = await ask(berth, label, `/?long=${'x'.repeat(9_000)}`, { headers: html });
    expect(page).toMatchObject({ status: 414, body: expect.stringContaining('too long') });
  });

  it.each([
    ['a call', {}],
    ['a script of a page', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
  ])('gets a problem for %s', async (_, headers) => {
    const berth = await givenBerth();
    const answer = await ask(berth, label, '/', { headers });
    expect(answer).toMatchObject({ status: 401, body: expect.stringContaining('/errors/unauthenticated') });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('cannot use the session of another app', async () => {
    const berth = await givenBerth();
    const cookie = givenAppSession(berth, 'web--demo2--ada');
    expect(await ask(berth, label, '/', { headers: { cookie } })).toMatchObject({ status: 401 });
  });
});

describe('the ticket', () => {
  const form = (berth: Berth, fields: Record<string, string>, asked: Asked = {}): Asked => ({
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    ...asked,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: `http://${berth.domain}`,
      ...asked.headers,
    },
  });
  const givenTicket = async (options: Parameters<typeof givenBerth>[0] = {}) => {
    const berth = await givenBerth(options);
    berth.rules.appTickets.set('t1', label);
    return berth;
  };

  it('is taken once, for a cookie of this host and the way into the app', async () => {
    const berth = await givenTicket();
    const answer = await ask(berth, label, '/.berth/session', form(berth, { ticket: 't1', path: '/a?b=c' }));
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(`http://${label}.${berth.domain}/a?b=c`);
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^berth-app=session-of-web--demo1--ada; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    const again = await ask(berth, label, '/.berth/session', form(berth, { ticket: 't1' }));
    expect(again).toMatchObject({ status: 401, body: expect.stringContaining('/errors/ticket_invalid') });
  });

  it('gives a __Host- cookie where Berth is served by https', async () => {
    const berth = await givenTicket({ secureCookies: true });
    const answer = await ask(berth, label, '/.berth/session', form(berth, { ticket: 't1' }));
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-berth-app=.*; Path=\/;.*; Secure$/);
  });

  it.each(['//evil.example/', '/\\evil.example', '/a\\b?c=\\d', `/?long=${'x'.repeat(7_000)}`])(
    'leads to %j at the app, whatever it looks like',
    async (path) => {
      const berth = await givenTicket();
      const answer = await ask(berth, label, '/.berth/session', form(berth, { ticket: 't1', path }));
      expect(answer.status).toBe(303);
      expect(answer.headers.location).toBe(`http://${label}.${berth.domain}${path}`);
      expect(new URL(answer.headers.location ?? '').host).toBe(`${label}.${berth.domain}`);
    },
  );

  it.each(['\\evil.example', 'https://evil.example', '', '/a\r\nx: y', '/ä'])('never leads to %j', async (path) => {
    const berth = await givenTicket();
    const answer = await ask(berth, label, '/.berth/session', form(berth, { ticket: 't1', path }));
    expect(answer.status).toBe(400);
    expect(berth.rules.appTickets.has('t1')).toBe(true);
  });

  it.each([
    ['a foreign page', { headers: { origin: 'https://evil.example' } }, 403],
    ['an opaque page', { headers: { origin: 'null' } }, 403],
    ['a link', { method: 'GET', body: '' }, 405],
    ['another kind of body', { headers: { 'content-type': 'application/json' } }, 415],
    ['a body beyond 32 KiB', { body: 'x'.repeat(33_000) }, 413],
  ])('is refused from %s', async (_, asked, status) => {
    const berth = await givenTicket();
    expect(await ask(berth, label, '/.berth/session', form(berth, { ticket: 't1' }, asked))).toMatchObject({ status });
    expect(berth.rules.appTickets.has('t1')).toBe(true);
  });

  it('of another app is refused', async () => {
    const berth = await givenTicket();
    const answer = await ask(berth, 'other--demo1--ada', '/.berth/session', form(berth, { ticket: 't1' }));
    expect(answer.status).toBe(401);
  });
});

describe('a workspace that does not run', () => {
  it.each([
    ['stopped', 'Start workspace', false],
    ['starting', 'is starting', true],
    ['failed', 'failed to start', false],
    ['running', 'is connecting', true],
  ] as const)('and is %s shows a page that says so', async (status, words, refreshes) => {
    const berth = await givenBerth();
    const workspace = await givenWorkspace(berth, { token: 'forged' });
    workspace.status = status;
    const cookie = givenAppSession(berth, label);
    const page = await ask(berth, label, '/', { headers: { cookie, ...html } });
    expect(page.status).toBe(503);
    expect(page.body).toContain(words);
    expect(page.body.includes('http-equiv="refresh"')).toBe(refreshes);
    expect(page.body).toContain(`http://${berth.domain}/workspaces/${workspace.id}`);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const call = await ask(berth, label, '/', { headers: { cookie } });
    expect(call).toMatchObject({ status: 502, body: expect.stringContaining('/errors/agent_unreachable') });
  });
});

describe('a host', () => {
  it.each([
    ['upper case', (berth: Berth) => `WEB--demo1--ada.${berth.domain}`],
    ['a trailing dot', (berth: Berth) => `${label}.localhost.:${berth.port}`],
    ['another port', () => `${label}.localhost:1`],
    ['no port', () => `${label}.localhost`],
    ['one label more', (berth: Berth) => `x.${label}.${berth.domain}`],
    ['no label', (berth: Berth) => `.${berth.domain}`],
    ['three hyphens', (berth: Berth) => `web---demo1--ada.${berth.domain}`],
    ['two parts', (berth: Berth) => `web--demo1.${berth.domain}`],
    ['an encoded hyphen', (berth: Berth) => `web%2D-demo1--ada.${berth.domain}`],
  ])('with %s is no app’s, and never the portal’s', async (_, hostOf) => {
    const berth = await givenBerth();
    const cookie = givenAppSession(berth, label);
    const headers = { cookie, 'x-forwarded-host': `${label}.${berth.domain}` };
    const answer = await ask(berth, label, '/', { headers: { ...headers, host: hostOf(berth) } });
    expect(answer.status).toBe(421);
    expect(await open(berth, hostOf(berth), '/', headers)).toMatchObject({ status: 404 });
  });

  it.each(['evil-localhost', 'localhost.evil.example'])('that only looks like ours (%s) is not taken', async (host) => {
    const berth = await givenBerth();
    expect(berth.gateway.handles({ headers: { host: `${host}:${berth.port}` } })).toBe(false);
  });
});
