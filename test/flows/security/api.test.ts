import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Route } from '../../../contracts/routes/route.ts';
import { routes } from '../../../contracts/routes/routes.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { sendRaw } from '../../support/clients/host-request.ts';

let berth: TestBerth;
let id: string;
beforeAll(async () => {
  berth = await givenBerth({ sweepEveryMs: 3_600_000 });
  ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

const all = Object.entries(routes as Record<string, Route>);
const evil = 'https://evil.example';

/** Returns a path of the route that names existing things. */
const pathOf = ({ path }: Route): string => {
  const values: Record<string, string> = {
    workspace: id,
    build: '1',
    step: 'startup',
    template: 'plain',
    version: '1',
    person: 'ada',
    token: 'none',
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'none');
};

const send = (route: Route, headers: Record<string, string>, method: string = route.method) =>
  fetch(berth.url + pathOf(route), { method, headers, ...(['POST', 'PUT'].includes(method) ? { body: '{}' } : {}) });

/** Returns a hash per item of the table, without the change stream. */
const items = (): Map<string, string> => {
  const file = new DatabaseSync(join(berth.dataDir, 'table.sqlite'), { readOnly: true });
  const rows = file.prepare('SELECT * FROM items').all();
  file.close();
  const hashOf = (row: object) => createHash('sha256').update(JSON.stringify(row)).digest('hex');
  return new Map(rows.map((row) => [`${row['pk']} ${row['sk']}`, hashOf(row)]));
};

const changedBy = async (action: () => Promise<unknown>): Promise<string[]> => {
  const before = items();
  await action();
  const after = items();
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
};

/** Waits until the start of the workspace writes nothing any more. */
const untilQuiet = () =>
  vi.waitUntil(async () => (await changedBy(() => new Promise((resolve) => setTimeout(resolve, 300)))).length === 0, {
    timeout: 10_000,
  });

describe.each(all.filter(([, { access }]) => access === 'signed-in'))('%s', (_, route) => {
  test('does not accept a token in a cookie, whatever its name', async () => {
    const token = berth.tokenOf('ada');
    const names = ['berth', 'token', 'authorization', 'Authorization', 'access_token', '__Host-berth-app', 'berth-app'];
    const cookie = names.map((name) => `${name}=${token}`).join('; ');
    const response = await send(route, { cookie, 'content-type': 'application/json' });
    expect(response.status).toBe(401);
  });

  test('refuses requests of other sites’ pages', async () => {
    const headers = { origin: evil, 'access-control-request-method': route.method };
    const preflight = await send(route, { ...headers, 'access-control-request-headers': 'authorization' }, 'OPTIONS');
    expect(preflight.ok).toBe(false);
    const authorization = `Bearer ${berth.tokenOf('linus')}`;
    const response = await send(route, { origin: evil, authorization, 'content-type': 'text/plain' });
    for (const { headers: received } of [preflight, response]) {
      expect([...received.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(received.has('set-cookie')).toBe(false);
    }
  });
});

test.each(all.filter(([, { method, body }]) => method !== 'GET' && body !== undefined))(
  '%s refuses every body type that a form can send',
  async (_, route) => {
    const authorization = `Bearer ${berth.tokenOf('ada')}`;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await send(route, { authorization, 'content-type': type })).status, type).toBe(415);
    }
  },
);

test('no GET route changes the table', async () => {
  await untilQuiet();
  const authorization = `Bearer ${berth.tokenOf('grace')}`;
  for (const [name, route] of all.filter(([, { method }]) => method === 'GET')) {
    let status = 0;
    const changed = await changedBy(async () => {
      ({ status } = await send(route, { authorization }));
    });
    // Refusals are audited.
    expect(status < 400 ? changed : changed.filter((key) => !/^(audit|person)#/.test(key)), name).toEqual([]);
  }
});

test('no link changes the table', async () => {
  await untilQuiet();
  const token = berth.tokenOf('ada');
  const links = [
    `/api/workspaces/${id}/stop`,
    `/api/workspaces/${id}/start?_method=POST`,
    `/api/workspaces/${id}?method=DELETE`,
    `/open?app=web--demo--ada&start=1`,
    `/workspaces/${id}?start=1`,
    '/agent/sign-on',
    '/.berth/session?ticket=x',
  ];
  for (const link of links) {
    const lines = [`GET ${link} HTTP/1.1`, `Host: ${new URL(berth.url).host}`, `Authorization: Bearer ${token}`];
    const changed = await changedBy(() => sendRaw(berth, [...lines, 'X-HTTP-Method-Override: DELETE']));
    expect(changed, link).toEqual([]);
  }
});

describe('the sign-in', () => {
  const authorize = (redirect: string) => {
    const query = new URLSearchParams({
      client_id: 'berth',
      redirect_uri: redirect,
      response_type: 'code',
      scope: 'openid berth',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    return fetch(`${berth.url}/oidc/auth?${query}`, { redirect: 'manual' });
  };

  test.each([
    () => 'https://evil.example/signed-in',
    () => `${berth.url}.evil.example/signed-in`,
    () => `${berth.url}@evil.example/signed-in`,
    () => `${berth.url}/signed-in/../open`,
    () => `${berth.url}/signed-in#x`,
    () => `${berth.url}//evil.example`,
    () => `${berth.url.replace('localhost', 'LOCALHOST')}/signed-in/`,
    () => 'javascript:alert(1)',
  ])('redirects to no other site (%s)', async (redirect) => {
    const response = await authorize(redirect());
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  test('redirects to no other site after sign-out', async () => {
    const query = new URLSearchParams({ client_id: 'berth', post_logout_redirect_uri: `${berth.url}.evil.example/` });
    const response = await fetch(`${berth.url}/oidc/session/end?${query}`, { redirect: 'manual' });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  test('refuses token requests of other sites’ pages', async () => {
    const headers = { origin: evil, 'content-type': 'application/x-www-form-urlencoded' };
    for (const grant_type of ['authorization_code', 'refresh_token']) {
      const form = { client_id: 'berth', grant_type, code: 'x', refresh_token: 'x', redirect_uri: `${berth.url}/` };
      const body = new URLSearchParams(form).toString();
      const response = await fetch(`${berth.url}/oidc/token`, { method: 'POST', headers, body });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('not allowed');
    }
  });
});
