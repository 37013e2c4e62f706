import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { scriptTemplate } from '../../support/apps/script-template.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { appHosts } from '../../support/clients/app-hosts.ts';
import { cookieOf, postTicket, requestHost, sendRaw } from '../../support/clients/host-request.ts';

const source = readFileSync(join(import.meta.dirname, '../../support/apps/echo-app.cjs'), 'utf8');
const template = scriptTemplate('echo', source, { apps: '[{ name: web }, { name: api, port: 9 }]' });

let berth: TestBerth;
/** Added to the clock, whose real part a test may freeze. */
let later = 0;
let frozenAt: number | undefined;
let host: string;
let cookie: string;
let secret: string;
beforeAll(async () => {
  const clock = () => new Date((frozenAt ?? Date.now()) + later);
  berth = await givenBerth({ templateFolders: [givenTemplates({ echo: template })], clock });
  const params = { workspace: 'demo' };
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'echo' } });
  await untilStatus(berth.as('ada'), id, 'running');
  const health = async () => (await berth.as('ada').getWorkspace({ params })).apps[0]?.health;
  await vi.waitUntil(async () => (await health()) === 'healthy', { timeout: 60_000, interval: 50 });
  ({ host, cookie } = await appHosts(berth).signIn('ada', 'demo', { for: 'app', app: 'web' }));
  secret = cookie.split('=')[1] ?? '';
});
afterAll(() => berth.end());

const domain = () => new URL(berth.url).host;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('Berth’s credentials', () => {
  /** Lines of a request's head, each with the app session and ada's API token in some disguise. */
  const disguises: [string, (cookie: string, token: string) => string[]][] = [
    ['among other cookies', (own) => [`Cookie: a=1; ${own}; b=2`]],
    ['in a header of another spelling', (own) => [`cOOKIE: ${own}`]],
    ['in two headers', (own) => [`Cookie: a=1; ${own}`, `cookie: ${own}; b=2`]],
    ['between the quotes of another cookie', (own) => [`Cookie: a="1; ${own}; b=2"`]],
    ['after a version and a path', (own) => [`Cookie: $Version=1; ${own}; $Path=/`]],
    ['without spaces', (own) => [`Cookie: a=1;${own};;b=2`]],
    ['among tabs', (own) => [`Cookie:\t${own}\t;\ta=1`]],
    ['in capitals, too', (own) => [`Cookie: ${own}; ${own.replace('berth-app', 'BERTH-APP')}`]],
    ['under its name of https, too', (own) => [`Cookie: ${own}; ${own.replace('berth-app', '__Host-berth-app')}`]],
    ['as a bearer', (own, token) => [`Cookie: ${own}`, `Authorization: Bearer ${token}`]],
    ['as a bearer in other letters', (own, token) => [`Cookie: ${own}`, `AUTHORIZATION: bEARER   ${token} `]],
    ['as a bearer after another', (own, token) => [`Cookie: ${own}`, `Authorization: Bearer x, Bearer ${token}`]],
    ['as one of two bearers', (own, token) => [`Cookie: ${own}`, 'Authorization: Bearer x', `Authorization: ${token}`]],
    ['as a bearer in quotes', (own, token) => [`Cookie: ${own}`, `Authorization: Bearer "${token}"`]],
    ['as a parameter', (own, token) => [`Cookie: ${own}`, `Authorization: Token token=${token};x=1`]],
    ['as a token without a scheme', (own, token) => [`Cookie: ${own}`, `Authorization: ${token}`]],
    ['as a token of another scheme', (own, token) => [`Cookie: ${own}`, `Authorization: token ${token}`]],
    ['as a password', (own, token) => [`Cookie: ${own}`, `Authorization: Basic ${base64(`ada:${token}`)}`]],
    [
      'as a password with a colon',
      (own, token) => [`Cookie: ${own}`, `Authorization: Basic ${base64(`a:b:${token}`)}`],
    ],
    ['as a user name', (own, token) => [`Cookie: ${own}`, `Authorization: basic ${base64(`${token}:`)}`]],
    ['for a proxy', (own, token) => [`Cookie: ${own}`, `Proxy-Authorization: Bearer ${token}`]],
  ];

  const head = (path: string, lines: string[]) => [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...lines];
  const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

  const expectNothing = (response: string, token: string) => {
    expect(response).toMatch(/^HTTP\/1\.1 (200|101) /);
    for (const text of [secret, token, base64(`ada:${token}`), base64(`${token}:`)])
      expect(response).not.toContain(text);
  };

  test.each(disguises)('%s do not reach an app over HTTP and server-sent events', async (_, lines) => {
    const token = berth.tokenOf('ada');
    for (const path of ['/', '/events']) expectNothing(await sendRaw(berth, head(path, lines(cookie, token))), token);
  });

  test.each(disguises)('%s do not reach an app over a WebSocket', async (_, lines) => {
    const token = berth.tokenOf('ada');
    const upgradeLines = [...head('/', lines(cookie, token)), ...upgrade, 'Connection: Upgrade'];
    expectNothing(await sendRaw(berth, upgradeLines), token);
  });

  test('do not reach an app as trailers, which some apps merge into the headers', async () => {
    const fields = [`Cookie: ${cookie}`, `Authorization: Bearer ${berth.tokenOf('ada')}`, 'Host: evil.example'];
    const trailers = [...fields, 'X-Forwarded-Host: evil.example', 'X_Real_IP: evil.example', 'X-Sum: own'];
    const lines = ['POST / HTTP/1.1', `Host: ${host}`, `Cookie: ${cookie}`, 'Transfer-Encoding: chunked'];
    const response = await sendRaw(berth, [...lines, '', '2', 'hi', '0', ...trailers]);
    expectNothing(response, berth.tokenOf('ada'));
    expect(response).not.toContain('evil.example');
    expect(response).toContain('"trailers":["x-sum","own"]');
  });

  test('stay filtered when the Connection header names other headers', async () => {
    const lines = [`Cookie: ${cookie}`, ...upgrade, 'Connection: Upgrade, X-Forwarded-Host', 'Keep-Alive: 1'];
    const response = await sendRaw(berth, head('/', lines));
    expect(response).toContain('"connection","Upgrade"');
    expect(response).not.toContain('keep-alive');
  });

  test('are removed without the app’s own cookies and tokens', async () => {
    const lines = [`Cookie: a="x"; ${cookie}; berth=1`, 'Authorization: Bearer its-own', 'X-Api-Key: k'];
    const response = await sendRaw(berth, head('/', lines));
    expect(response).toContain(JSON.stringify('a="x"; berth=1'));
    for (const own of ['Bearer its-own', '"x-api-key","k"']) expect(response).toContain(own);
  });

  test('are filtered together with headers that only a proxy may set', async () => {
    const names = ['Forwarded', 'X-Forwarded-Host', 'X_Forwarded_Host', 'X-Forwarded-Prefix', 'X-Original-URL'];
    const more = ['X-Rewrite-URL', 'X-Real-IP', 'True-Client-IP', 'X-Forwarded-For', 'X-Forwarded-Proto'];
    const lines = [...names, ...more].map((name) => `${name}: evil.example`);
    expect(await sendRaw(berth, head('/', [`Cookie: ${cookie}`, ...lines]))).not.toContain('evil.example');
  });
});

describe('cookies that an app sets', () => {
  const setBy = async (cookies: string[]): Promise<string[]> => {
    const query = new URLSearchParams(cookies.map((one) => ['cookie', one])).toString();
    const options = { headers: { cookie } };
    const plain = (await requestHost(berth, host, `/?${query}`, options)).headers['set-cookie'] ?? [];
    const socket = new WebSocket(`${berth.url.replace('http', 'ws')}/?${query}`, { headers: { host, cookie } });
    const [upgraded] = await once(socket, 'upgrade');
    expect(upgraded.headers['set-cookie'] ?? []).toEqual(plain);
    socket.terminate();
    return plain;
  };

  test.each([
    'a=1; Domain=localhost',
    'a=1; domain=.localhost; Path=/',
    'a=1;DOMAIN = localhost ;Path=/',
    'a=1; Path=/; Domain=localhost; Domain=evil.example',
    'a=1; Domain="localhost"',
    'a=1; Domain',
    'a=1;\tDomain=localhost',
  ])('are limited to its own host: %s', async (set) => {
    const [first = '', ...more] = await setBy([set]);
    expect(more).toEqual([]);
    expect(first).toMatch(/^a=1/);
    expect(first).not.toMatch(/domain/i);
  });

  test.each([
    'berth-app=stolen',
    'Berth-App=stolen',
    ' berth-app =stolen; Path=/',
    '__Host-berth-app=stolen; Path=/; Secure',
    '__host-BERTH-app=stolen',
    '=berth-app=stolen',
    '= __Host-berth-app=stolen',
    'berth-app',
    'berth-app=; Max-Age=0',
    'berth-app=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
  ])('never replace Berth’s: %s', async (set) => {
    expect(await setBy([set])).toEqual([]);
  });

  test('are filtered however many they are', async () => {
    const many = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? `c${n}=1; Domain=localhost` : 'berth-app=stolen'));
    expect(await setBy(many)).toEqual(Array.from({ length: 20 }, (_, n) => `c${2 * n}=1`));
  });
});

describe('a WebSocket', () => {
  const dial = async (origin?: string | string[], at = host): Promise<number> => {
    const socket = new WebSocket(berth.url.replace('http', 'ws'), {
      headers: { host: at, cookie, ...(origin === undefined ? {} : { origin: origin as string }) },
    });
    socket.on('error', () => socket.terminate());
    const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode as number);
    const status = await Promise.race([refused, once(socket, 'open').then(() => 101)]);
    socket.terminate();
    return status;
  };

  test.each([
    ['another site', () => 'https://evil.example'],
    ['a site that begins like the app', () => `http://${host}.evil.example`],
    ['a site that ends like the app', () => `http://evil-${host}`],
    ['a user name like the app', () => `http://${host}@evil.example`],
    ['an app that the workspace does not have', () => `http://other--demo--ada.${domain()}`],
    ['the app’s namesake in another workspace', () => `http://web--other--ada.${domain()}`],
    ['the app’s namesake of another person', () => `http://web--demo--linus.${domain()}`],
    ['the portal', () => berth.url],
    ['another port', () => `http://${host.split(':')[0]}:1`],
    ['another scheme', () => `https://${host}`],
    ['capitals', () => `http://${host.toUpperCase()}`],
    ['a trailing dot', () => `http://${host.replace(':', '.:')}`],
    ['a path', () => `http://${host}/`],
    ['a sandboxed frame', () => 'null'],
    ['nothing', () => ' '],
    ['two pages at once', () => [`http://${host}`, 'https://evil.example']],
  ])('from %s is refused', async (_, origin) => {
    expect(await dial(origin())).toBe(403);
  });

  // Browsers always send the Origin of an upgrade, and scripts cannot remove it: a request without one comes from a
  // program that has the cookie itself.
  test('from the app itself or from a program that has its cookie is accepted', async () => {
    expect(await dial(`http://${host}`)).toBe(101);
    expect(await dial()).toBe(101);
  });

  test.each(['api', '3000'])(
    'from %s of its workspace is accepted while everybody with access to that one has access to the app',
    async (app) => {
      const origin = `http://${app}--demo--ada.${domain()}`;
      const params = { workspace: 'demo' };
      const what = app === 'api' ? ({ kind: 'app', app } as const) : ({ kind: 'port', port: Number(app) } as const);
      await berth.as('linus').me();
      expect(await dial(origin)).toBe(101);
      const { id } = await berth
        .as('ada')
        .createShare({ params, body: { what, with: { kind: 'person', person: 'linus' } } });
      await expect.poll(() => dial(origin)).toBe(403);
      const own = { kind: 'app', app: 'web' } as const;
      const also = await berth
        .as('ada')
        .createShare({ params, body: { what: own, with: { kind: 'person', person: 'linus' } } });
      expect(await dial(origin)).toBe(101);
      // More people with access to the target are no risk.
      await berth.as('ada').revokeShare({ params: { ...params, share: id } });
      expect(await dial(origin)).toBe(101);
      await berth.as('ada').revokeShare({ params: { ...params, share: also.id } });
      expect(await dial(origin)).toBe(101);
    },
  );

  test('to another app of the same person is refused', async () => {
    expect(await dial(undefined, `api--demo--ada.${domain()}`)).toBe(401);
    expect(await dial(undefined, `9--demo--ada.${domain()}`)).toBe(401);
  });
});

describe('a ticket', () => {
  const create = async (app = 'web') => {
    const { ticket } = await berth.as('ada').createTicket({ params: { workspace: 'demo' }, body: { for: 'app', app } });
    return ticket;
  };

  test('opens one app once, however many requests use it at the same time', async () => {
    const ticket = await create();
    const responses = await Promise.all(Array.from({ length: 10 }, () => postTicket(berth, host, ticket)));
    expect(responses.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 401)).toHaveLength(9);
    expect(new Set(responses.map(cookieOf)).size).toBe(2);
  });

  test('is valid for 30 s', async () => {
    frozenAt = Date.now();
    const tickets = [await create(), await create()];
    later = 29_000;
    expect((await postTicket(berth, host, tickets[0] ?? '')).status).toBe(303);
    later = 31_000;
    expect((await postTicket(berth, host, tickets[1] ?? '')).status).toBe(401);
    later = 0;
    frozenAt = undefined;
  });

  test.each([
    ['another app', () => create('api'), () => host],
    ['another workspace', () => create(), () => `web--other--ada.${domain()}`],
    ['another person', () => create(), () => `web--demo--linus.${domain()}`],
    ['a port', () => create(), () => `3000--demo--ada.${domain()}`],
    [
      'a session',
      () => berth.as('ada').createTicket({ params: { workspace: 'demo' }, body: { for: 'session' } }),
      () => host,
    ],
  ])('for %s is refused, and used up by the attempt', async (_, createTicket, at) => {
    const created = await createTicket();
    const ticket = typeof created === 'string' ? created : created.ticket;
    expect((await postTicket(berth, at(), ticket)).status).toBe(401);
    expect((await postTicket(berth, host, ticket)).status).toBe(401);
  });

  test.each([
    '\\\\evil.example',
    'https:evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/a\r\nSet-Cookie: a=b',
    ' /a',
    'a',
    '',
  ])('does not redirect to %j', async (path) => {
    expect(await postTicket(berth, host, await create(), { path })).toMatchObject({ status: 400 });
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/%2f%2fevil.example',
    '/%5cevil.example',
    '/@evil.example',
    '/a?b=//c',
  ])('redirects within the app: %j', async (path) => {
    const { status, headers } = await postTicket(berth, host, await create(), { path });
    expect(status).toBe(303);
    expect(new URL(String(headers.location), `http://${host}`).host).toBe(host);
    expect(headers['referrer-policy']).toBe('no-referrer');
  });
});

describe('a person who is not signed in', () => {
  const navigation = ['Accept: text/html', 'Sec-Fetch-Mode: navigate'];

  test.each([
    '//evil.example/x',
    '/\\evil.example',
    'http://evil.example/',
    'https:evil.example',
    '/%0d%0aSet-Cookie:%20a=b',
    '/?next=//evil.example',
    '/@evil.example',
  ])('is redirected from %s to the portal only', async (path) => {
    const response = await sendRaw(berth, [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...navigation]);
    const location = /^location: (.*)\r$/im.exec(response)?.[1] ?? '';
    if (!response.startsWith('HTTP/1.1 400'))
      expect(location.startsWith(`${berth.url}/open?app=web--demo--ada&path=`)).toBe(true);
    expect(response).not.toMatch(/^set-cookie:/im);
  });

  test.each([
    ['the path', (text: string) => [`GET /${text} HTTP/1.1`, `Host: web--demo--ada.${domain()}`]],
    ['a path of Berth’s own', (text: string) => [`GET /.berth/${text} HTTP/1.1`, `Host: web--demo--ada.${domain()}`]],
    ['the host', (text: string) => ['GET / HTTP/1.1', `Host: ${text}.${domain()}`]],
    ['a cookie', (text: string) => ['GET / HTTP/1.1', `Host: web--demo--ada.${domain()}`, `Cookie: berth-app=${text}`]],
    ['a token', (text: string) => ['GET /api/me HTTP/1.1', `Host: ${domain()}`, `Authorization: Bearer ${text}`]],
    ['a method', (text: string) => [`POST /api/${text} HTTP/1.1`, `Host: ${domain()}`]],
  ])('receives no unescaped text from %s', async (_, lines) => {
    const text = '"><script>alert(1)</script>';
    for (const more of [navigation, []]) {
      const response = await sendRaw(berth, [...lines(text), ...more]);
      expect(response.slice(response.indexOf('\r\n\r\n'))).not.toContain('<script>alert');
    }
  });
});
