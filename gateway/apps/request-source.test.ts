import { afterEach, describe, expect, it } from 'vitest';
import { givenApp, label } from '../testing/echo-app.ts';
import { type Berth, cleanUp, requestApp } from '../testing/harness.ts';

afterEach(cleanUp);

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
