import { afterEach, describe, expect, it } from 'vitest';
import { ask, cleanUp, givenAppSession, givenBerth, givenWorkspace, untilReady } from '../testing/harness.ts';
import { scriptElement } from './activity-script.ts';

afterEach(cleanUp);

const page = '<!doctype html><html><body>Hello</body></html>';
/** An app with a page, a text, a page with its own policy, and one that is always compressed. */
const server = `
const { createServer } = require('node:http');
const { gzipSync } = require('node:zlib');
const page = ${JSON.stringify(page)};
createServer((request, response) => {
  const html = { 'content-type': 'text/html; charset=utf-8' };
  if (request.url === '/text') return response.writeHead(200, { 'content-type': 'text/plain' }).end(page);
  if (request.url === '/strict') return response.writeHead(200, { ...html, 'content-security-policy': "default-src 'none'" }).end(page);
  if (request.url === '/zipped') return response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(gzipSync(page));
  if (request.url === '/asked') return response.end(String(request.headers['accept-encoding']));
  if (request.url === '/pieces') { response.writeHead(200, html); response.write(page.slice(0, 9)); return response.end(page.slice(9)); }
  response.writeHead(200, { ...html, 'content-length': page.length }).end(page);
}).listen(process.env.BERTH_APP_WEB_PORT);
`;

const given = async () => {
  const berth = await givenBerth();
  const startup = `nohup "$BERTH_NODE" -e '${server.replaceAll("'", `'"'"'`)}' > /dev/null 2>&1 &`;
  const workspace = await givenWorkspace(berth, { startup, apps: [{ name: 'web' }] });
  await untilReady(berth);
  const label = `web--${workspace.name}--ada`;
  const cookie = givenAppSession(berth, label);
  const go = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask(berth, label, path, { method, headers: { cookie, ...headers } });
  await expect.poll(async () => (await go('/text')).status).toBe(200);
  berth.rules.activity.length = 0;
  return { berth, go, origin: `http://${label}.${berth.domain}` };
};
const shown = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };

describe('a page of an app', () => {
  it('gets the script after its end, with the right length, and nothing else is changed', async () => {
    const { go } = await given();
    const script = scriptElement([]) ?? '';
    for (const path of ['/', '/pieces']) expect((await go(path, shown)).body).toBe(page + script);
    expect((await go('/', shown)).headers['content-length']).toBe(String(page.length + script.length));
    expect((await go('/')).body, 'fetched by a script').toBe(page);
    for (const path of ['/text', '/strict']) expect((await go(path, shown)).body).toBe(page);
    expect((await go('/zipped', shown)).headers['content-encoding']).toBe('gzip');
    expect((await go('/asked', { ...shown, 'accept-encoding': 'br' })).body).toBe('identity');
    expect((await go('/asked', { 'accept-encoding': 'br' })).body).toBe('br');
  });

  it('reports activity; a request that the page or a timer makes is not activity', async () => {
    const { berth, go, origin } = await given();
    await go('/', shown);
    await go('/text', { 'sec-fetch-mode': 'cors' });
    await go('/text', { origin }, 'POST');
    expect(berth.rules.activity).toEqual([]);
    expect(await go('/.berth/activity', { origin }, 'POST')).toMatchObject({ status: 200, body: '0' });
    expect(berth.rules.activity).toHaveLength(1);
    await go('/', { ...shown, 'sec-fetch-user': '?1' });
    await expect.poll(() => berth.rules.activity.length).toBe(2);
  });

  it('of another app, without a session or by GET cannot report activity', async () => {
    const { berth, go, origin } = await given();
    const asked = [
      await go('/.berth/activity', {}, 'POST'),
      await go('/.berth/activity', { origin: origin.replace('web', 'other') }, 'POST'),
      await go('/.berth/activity', { origin }),
      await go('/.berth/activity', { origin, cookie: '' }, 'POST'),
    ];
    expect(asked.map(({ status }) => status)).toEqual([403, 403, 403, 401]);
    expect(berth.rules.activity).toEqual([]);
  });
});

describe('a content security policy', () => {
  it.each([
    ["default-src 'self'", true],
    ["script-src 'self' 'unsafe-eval'; connect-src 'self' ws:", true],
    ["frame-ancestors 'self'", true],
    ["script-src 'none'", false],
    ["script-src 'self'; connect-src https://api.example.com", false],
    ["script-src 'strict-dynamic' 'self'", false],
  ])('%s allows the script: %s', (policy, isAllowed) => {
    expect(scriptElement([policy]) !== undefined).toBe(isAllowed);
  });
  it('with a nonce: the script carries it', () => {
    expect(scriptElement(["script-src 'nonce-aB3=' 'strict-dynamic'"])).toContain('nonce="aB3="');
  });
  it('the strictest of several decides', () => {
    expect(scriptElement(["default-src 'self'", "script-src 'none'"])).toBeUndefined();
  });
});
