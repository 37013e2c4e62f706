import { afterEach, describe, expect, it } from 'vitest';
import type { HostRequest } from '../../test/support/clients/host-request.ts';
import { label, navigationHeaders } from '../testing/echo-app.ts';
import { type Berth, cleanUp, givenAppSession, givenBerth, givenWorkspace, requestApp } from '../testing/harness.ts';

afterEach(cleanUp);

describe('a person without a session', () => {
  it('is redirected to the portal, and nowhere else', async () => {
    const berth = await givenBerth();
    const response = await requestApp(berth, label, '/deep?x=1&y=//evil', { headers: navigationHeaders });
    expect(response.status).toBe(302);
    expect(response.headers.location).toBe(
      `http://${berth.domain}/open?app=${label}&path=%2Fdeep%3Fx%3D1%26y%3D%2F%2Fevil`,
    );
  });

  it('keeps any path during the sign-in, up to the longest that the portal accepts', async () => {
    const berth = await givenBerth();
    const locationFor = async (path: string) =>
      (await requestApp(berth, label, path, { headers: navigationHeaders })).headers.location;
    for (const path of ['//double/x', '/a\\b', `/?long=${'x'.repeat(7_000)}`]) {
      expect(new URL((await locationFor(path)) ?? '').searchParams.get('path')).toBe(path);
    }
    const page = await requestApp(berth, label, `/?long=${'x'.repeat(9_000)}`, { headers: navigationHeaders });
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
    const page = await requestApp(berth, label, '/', { headers: { cookie, ...navigationHeaders } });
    expect(page.status).toBe(503);
    expect(page.body).toContain(words);
    expect(page.body.includes('http-equiv="refresh"')).toBe(refreshes);
    expect(page.body).toContain(`http://${berth.domain}/workspaces/${workspace.id}`);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const problem = await requestApp(berth, label, '/', { headers: { cookie } });
    expect(problem).toMatchObject({ status: 502, body: expect.stringContaining('/errors/agent_unreachable') });
  });
});
