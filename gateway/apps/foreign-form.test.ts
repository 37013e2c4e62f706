import { afterEach, describe, expect, it } from 'vitest';
import {
  type Berth,
  cleanUp,
  givenAppSession,
  givenBerth,
  givenWorkspace,
  requestApp,
  untilReady,
} from '../testing/harness.ts';

afterEach(cleanUp);

const label = 'web--demo1--ada';
const app = `"$BERTH_NODE" -e "require('http').createServer((q, r) => { let b = ''; q.on('data', (d) => { b += d }); q.on('end', () => r.end(q.method + ' ' + q.headers.origin + ' ' + b)) }).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1')" > /dev/null 2>&1 &`;

const givenApp = async () => {
  const berth = await givenBerth({ bodyTimeoutMs: 1_000 });
  await givenWorkspace(berth, { startup: app, apps: [{ name: 'web' }] });
  await untilReady(berth);
  const cookie = givenAppSession(berth, label);
  await expect.poll(async () => (await requestApp(berth, label, '/', { headers: { cookie } })).status).toBe(200);
  return { berth, cookie };
};

const crossSiteForm = {
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};
const post = (
  berth: Berth,
  headers: Record<string, string>,
  body = 'SAMLResponse=a%2Bb%3D&RelayState=%22%3Cx%3E%0D%0A',
) => requestApp(berth, label, '//acs?x="1', { method: 'POST', headers: { ...crossSiteForm, ...headers }, body });

describe('a form of another site', () => {
  it.each([
    ['an identity provider', { origin: 'https://login.example' }, 'login.example'],
    [
      'an identity provider of the same site',
      { origin: 'https://login.corp.example', 'sec-fetch-site': 'same-site' },
      'login.corp',
    ],
    ['an opaque origin', { origin: 'null' }, 'Another site'],
  ])('of %s is forwarded from a page that names the site', async (_, headers, site) => {
    const { berth, cookie } = await givenApp();
    const page = await post(berth, headers);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining(site) });
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(page.body).not.toContain('<script');
    const action = /action="([^"]*)"/.exec(page.body)?.[1];
    expect(action).toBe(`http://${label}.${berth.domain}//acs?x=&quot;1`);
    const fields = [...page.body.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
    expect(fields).toEqual([
      ['SAMLResponse', 'a+b='],
      ['RelayState', '&quot;&lt;x&gt;\r\n'],
    ]);
    // The request that the page's button sends.
    const sent = await post(berth, {
      cookie,
      origin: `http://${label}.${berth.domain}`,
      'sec-fetch-site': 'same-origin',
    });
    expect(sent.body).toBe(`POST http://${label}.${berth.domain} SAMLResponse=a%2Bb%3D&RelayState=%22%3Cx%3E%0D%0A`);
  });

  it.each([
    ['with a session', { origin: 'https://evil.example' }],
    ['in a frame', { origin: 'https://evil.example', 'sec-fetch-dest': 'iframe' }],
    ['by a script', { origin: 'https://evil.example', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
    ['with another content type', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ])('does not reach the app without a click: %s', async (_, headers) => {
    const { berth, cookie } = await givenApp();
    const response = await post(berth, { cookie, ...headers });
    expect(response.body).not.toContain('POST http');
    if (response.status !== 200) expect(response.status).toBe(403);
  });

  it('of another workspace is refused, also with the Origin null', async () => {
    const { berth, cookie } = await givenApp();
    const from = (origin: string) => post(berth, { cookie, origin, 'sec-fetch-site': 'same-site' });
    for (const origin of [
      `http://web--demo1--linus.${berth.domain}`,
      `http://web--demo2--ada.${berth.domain}`,
      'null',
    ]) {
      expect(await from(origin)).toMatchObject({ status: 403 });
    }
  });

  it('has a limit of size and fields', async () => {
    const { berth } = await givenApp();
    const { origin } = { origin: 'https://login.example' };
    expect(await post(berth, { origin }, `a=${'x'.repeat(300_000)}`)).toMatchObject({ status: 413 });
    expect(await post(berth, { origin }, 'a=1&'.repeat(101))).toMatchObject({ status: 413 });
  });
});
