import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { echoed, givenApp, label, navigationHeaders } from '../testing/echo-app.ts';
import {
  type Berth,
  busyMachineMs,
  cleanUp,
  givenAppSession,
  givenBerth,
  open,
  requestApp,
} from '../testing/harness.ts';

afterEach(cleanUp);

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
    const page = await requestApp(berth, 'silent--demo1--ada', '/', { headers: { cookie, ...navigationHeaders } });
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
    'with the Origin of %s in its workspace opens if everyone with access to that one has access to the app',
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
