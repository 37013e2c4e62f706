import { afterEach, describe, expect, it } from 'vitest';
import { cleanUp, givenAppSession, givenBerth, givenWorkspace, requestApp, untilReady } from '../testing/harness.ts';
import { scriptElement } from './activity-script.ts';

afterEach(cleanUp);

const page = '<!doctype html><html><body>Hello</body></html>';
/** An app with a page, a text, a page with its own policy, and a page that is always compressed. */
const server = `
const { createServer } = require('node:http');
const { gzipSync } = require('node:zlib');
const page = ${JSON.stringify(page)};
createServer((request, response) => {
  const html = { 'content-type': 'text/html; charset=utf-8' };
  if (request.url === '/text') return response.writeHead(200, { 'content-type': 'text/plain' }).end(page);
  if (request.url === '/strict') return response.writeHead(200, { ...html, 'content-security-policy': "default-src 'none'" }).end(page);
  if (request.url === '/zipped') return response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(gzipSync(page));
  if (request.url === '/encoding') return response.end(String(request.headers['accept-encoding']));
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
  const send = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    requestApp(berth, label, path, { method, headers: { cookie, ...headers } });
  await expect.poll(async () => (await send('/text')).status).toBe(200);
  berth.rules.activity.length = 0;
  return { berth, send, origin: `http://${label}.${berth.domain}` };
};
const navigation = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };

describe('a page of an app', () => {
  it('is followed by the script, with the right length, and any other response is unchanged', async () => {
    const { send } = await given();
    const script = scriptElement([]) ?? '';
    for (const path of ['/', '/pieces']) expect((await send(path, navigation)).body).toBe(page + script);
    expect((await send('/', navigation)).headers['content-length']).toBe(String(page.length + script.length));
    expect((await send('/')).body, 'fetched by a script').toBe(page);
    for (const path of ['/text', '/strict']) expect((await send(path, navigation)).body).toBe(page);
    expect((await send('/zipped', navigation)).headers['content-encoding']).toBe('gzip');
    expect((await send('/encoding', { ...navigation, 'accept-encoding': 'br' })).body).toBe('identity');
    expect((await send('/encoding', { 'accept-encoding': 'br' })).body).toBe('br');
  });

  it('reports activity; a request that the page or a timer makes is not activity', async () => {
    const { berth, send, origin } = await given();
    await send('/', navigation);
    await send('/text', { 'sec-fetch-mode': 'cors' });
    await send('/text', { origin }, 'POST');
    expect(berth.rules.activity).toEqual([]);
    expect(await send('/.berth/activity', { origin }, 'POST')).toMatchObject({ status: 200, body: '0' });
    expect(berth.rules.activity).toHaveLength(1);
    await send('/', { ...navigation, 'sec-fetch-user': '?1' });
    await expect.poll(() => berth.rules.activity.length).toBe(2);
  });

  it('of another app, without a session or by GET cannot report activity', async () => {
    const { berth, send, origin } = await given();
    const responses = [
      await send('/.berth/activity', {}, 'POST'),
      await send('/.berth/activity', { origin: origin.replace('web', 'other') }, 'POST'),
      await send('/.berth/activity', { origin }),
      await send('/.berth/activity', { origin, cookie: '' }, 'POST'),
    ];
    expect(responses.map(({ status }) => status)).toEqual([403, 403, 403, 401]);
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
  it('with a nonce requires it of the script', () => {
    expect(scriptElement(["script-src 'nonce-aB3=' 'strict-dynamic'"])).toContain('nonce="aB3="');
  });
  it('counts beside others, the strictest of which decides', () => {
    expect(scriptElement(["default-src 'self'", "script-src 'none'"])).toBeUndefined();
  });
});
