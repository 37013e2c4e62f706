import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ambiguousBodies, ambiguousHeads, givenSocket, sendRaw } from '../../../gateway/testing/abuse.ts';
import { cleanUp } from '../../../gateway/testing/harness.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { appHosts, appsTemplate, untilHealthy } from '../../support/clients/app-hosts.ts';

/** Attacks by strangers and by users of apps on Berth's port. */
const headersTimeoutMs = 1_000;
let berth: TestBerth;
let port: number;
/** The portal's host, with a token that permits everything. */
let own: { host: string; base: string[] };
/** An app's host, with its session. */
let app: { host: string; cookie: string };

beforeAll(async () => {
  berth = await givenBerth({ headersTimeoutMs, templateFolders: [givenTemplates({ apps: appsTemplate('apps') })] });
  const { host, port: text } = new URL(berth.url);
  port = Number(text);
  own = { host, base: [`Host: ${host}`, `Authorization: Bearer ${berth.tokenOf('ada')}`] };
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'apps' } });
  await untilHealthy(berth, 'ada', id);
  app = await appHosts(berth).signIn('ada', id, { for: 'app', app: 'web' });
});
afterAll(async () => {
  await cleanUp();
  await berth.end();
});

const names = (cases: [string, string][]) => cases.map(([name]) => name);
const caseOf = (cases: [string, string][], name: string) => cases.find(([known]) => known === name)?.[1] ?? '';
const stillServes = async () => expect((await berth.as('ada').me({})).name).toBe('ada');
const get = (line: string, ...lines: string[]) =>
  sendRaw(port, [line, ...lines, 'Connection: close', '', ''].join('\r\n'));

describe('the API', () => {
  test.each(names(ambiguousBodies([])))('does not process a request hidden behind %s', async (name) => {
    const response = await sendRaw(port, caseOf(ambiguousBodies(own.base), name));
    expect(response).toMatch(/^HTTP\/1\.1 400 (?!.*HTTP\/1\.1)/s);
  });

  test.each(names(ambiguousHeads([], '')))('refuses %s', async (name) => {
    expect(await sendRaw(port, caseOf(ambiguousHeads(own.base, app.host), name))).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('refuses 100,000 headers', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `a${index}: b`);
    expect(await get('GET /api/me HTTP/1.1', ...own.base, ...lines)).toMatch(/^HTTP\/1\.1 431 |^$/);
    await stillServes();
  });

  test('closes connections that never complete a head', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => givenSocket(port)));
    for (const socket of sockets) socket.write('GET /api/me HTTP/1.1\r\n');
    await stillServes();
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed), { timeout: 10 * headersTimeoutMs }).toBe(true);
  });
});

describe('a host', () => {
  const cookie = () => `Cookie: ${app.cookie}`;
  const bearer = () => own.base[1] ?? '';

  test('leads to its app, and the portal’s host to the portal', async () => {
    expect(await get('GET / HTTP/1.1', `Host: ${app.host}`, cookie())).toMatch(/^HTTP\/1\.1 200 .*web \d+$/s);
    expect(await get('GET /api/me HTTP/1.1', ...own.base)).toMatch(/^HTTP\/1\.1 200 .*"ada"/s);
  });

  test.each<[string, (name: string, port: string) => string]>([
    ['dots', (name, at) => `..${name}.localhost:${at}`],
    ['two dots within', (name, at) => `${name}..localhost:${at}`],
    ['an encoded dot', (name, at) => `${name}%2elocalhost:${at}`],
    ['an encoded letter', (name, at) => `%77${name.slice(1)}.localhost:${at}`],
    ['upper case', (name, at) => `${name.toUpperCase()}.localhost:${at}`],
    ['mixed case of the domain', (name, at) => `${name}.LocalHost:${at}`],
    ['a trailing dot', (name, at) => `${name}.localhost.:${at}`],
    ['a Cyrillic letter in punycode', (name, at) => `xn--${name}-6ve.localhost:${at}`],
    ['an owner in punycode', (_, at) => `web--demo--xn--d-7sb.localhost:${at}`],
    ['a Cyrillic letter', (name, at) => `${name.replace('a', '\u0430')}.localhost:${at}`],
    ['a full-width letter', (name, at) => `${name.replace('a', '\uff41')}.localhost:${at}`],
    ['a soft hyphen', (name, at) => `${name.replace('demo', 'de\u00admo')}.localhost:${at}`],
    ['an underscore', (name, at) => `${name.replace('--', '__')}.localhost:${at}`],
    ['one hyphen more', (name, at) => `${name.replace('--', '---')}.localhost:${at}`],
    ['a user', (name, at) => `${name}.localhost:${at}@localhost:${at}`],
    ['a user before it', (name, at) => `x@${name}.localhost:${at}`],
    ['no port', (name) => `${name}.localhost`],
    ['another port', (name) => `${name}.localhost:1`],
    ['a port with zeros', (name, at) => `${name}.localhost:0${at}`],
    ['a port with a sign', (name, at) => `${name}.localhost:+${at}`],
    ['a port with a space', (name, at) => `${name}.localhost: ${at}`],
    ['a path', (name, at) => `${name}.localhost:${at}/`],
    ['a query', (name, at) => `${name}.localhost:${at}?`],
    ['a comma', (name, at) => `${name}.localhost:${at},localhost:${at}`],
    ['a tab within', (name, at) => `${name}\t.localhost:${at}`],
    ['an IPv4 address before the domain', (_, at) => `127.0.0.1.localhost:${at}`],
    ['an IPv6 address', (_, at) => `[::1]:${at}`],
    ['an IPv6 address that is IPv4', (_, at) => `[::ffff:127.0.0.1]:${at}`],
    ['another number of this machine', (_, at) => `2130706433:${at}`],
    ['a name that ends like ours', (_, at) => `evillocalhost:${at}`],
    ['a name that begins like ours', (_, at) => `localhost.evil.example:${at}`],
    ['nothing', () => ''],
  ])('with %s leads neither to an app nor to the portal', async (_, hostOf) => {
    const host = Buffer.from(hostOf('web--demo--ada', String(port)), 'utf8').toString('latin1');
    for (const line of ['GET / HTTP/1.1', 'GET /api/me HTTP/1.1', 'POST /.berth/session HTTP/1.1']) {
      const response = await get(line, `Host: ${host}`, cookie(), bearer());
      expect(response).toMatch(/^HTTP\/1\.1 (400|404|421) /);
      expect(response).not.toMatch(/web \d+$|"ada"/);
    }
  });

  test('of an app never reaches the API, whatever the path', async () => {
    const paths = ['/api/me', '//api/me', '/./api/me', '/x/../api/me', '/%2e%2e/api/me', '/api%2fme', '/API/me'];
    for (const path of [...paths, '/gateway/workspaces/demo/exec', '/oidc/token', '/agent', '/agent/sign-on']) {
      const response = await get(`GET ${path} HTTP/1.1`, `Host: ${app.host}`, cookie(), bearer());
      expect(response, path).toMatch(/^HTTP\/1\.1 200 .*web \d+$/s);
    }
  });
});
