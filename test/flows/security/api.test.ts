import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Route } from '../../../contracts/routes/route.ts';
import { routes } from '../../../contracts/routes/routes.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { askRaw } from '../../support/clients/host-request.ts';

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

/** A path of the route about things that there are. */
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

const ask = (route: Route, headers: Record<string, string>, method: string = route.method) =>
  fetch(berth.url + pathOf(route), { method, headers, ...(['POST', 'PUT'].includes(method) ? { body: '{}' } : {}) });

/** A hash per item of the table, streams and positions in them left out. */
const items = (): Map<string, string> => {
  const file = new DatabaseSync(join(berth.dataDir, 'table.sqlite'), { readOnly: true });
  const rows = file.prepare('SELECT * FROM items').all();
  file.close();
  const hashOf = (row: object) => createHash('sha256').update(JSON.stringify(row)).digest('hex');
  return new Map(rows.map((row) => [`${row['pk']} ${row['sk']}`, hashOf(row)]));
};

const changedBy = async (act: () => Promise<unknown>): Promise<string[]> => {
  const before = items();
  await act();
  const after = items();
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
};

/** Until nothing that the start brought along is written any more. */
const atRest = () =>
  vi.waitUntil(async () => (await changedBy(() => new Promise((resolve) => setTimeout(resolve, 300)))).length === 0, {
    timeout: 10_000,
  });

describe.each(all.filter(([, { access }]) => access === 'signed-in'))('%s', (_, route) => {
  test('is done for nobody by a cookie, whatever it is called', async () => {
    const token = berth.tokenOf('ada');
    const names = ['berth', 'token', 'authorization', 'Authorization', 'access_token', '__Host-berth-app', 'berth-app'];
    const cookie = names.map((name) => `${name}=${token}`).join('; ');
    const answer = await ask(route, { cookie, 'content-type': 'application/json' });
    expect(answer.status).toBe(401);
  });

  test('lets no page of another site in', async () => {
    const headers = { origin: evil, 'access-control-request-method': route.method };
    const preflight = await ask(route, { ...headers, 'access-control-request-headers': 'authorization' }, 'OPTIONS');
    expect(preflight.ok).toBe(false);
    const authorization = `Bearer ${berth.tokenOf('linus')}`;
    const answer = await ask(route, { origin: evil, authorization, 'content-type': 'text/plain' });
    for (const { headers: told } of [preflight, answer]) {
      expect([...told.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(told.has('set-cookie')).toBe(false);
    }
  });
});

test.each(all.filter(([, { method, body }]) => method !== 'GET' && body !== undefined))(
  '%s takes no body that a form can send',
  async (_, route) => {
    const authorization = `Bearer ${berth.tokenOf('ada')}`;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await ask(route, { authorization, 'content-type': type })).status, type).toBe(415);
    }
  },
);

test('nothing that is only asked for changes anything', async () => {
  await atRest();
  const authorization = `Bearer ${berth.tokenOf('grace')}`;
  for (const [name, route] of all.filter(([, { method }]) => method === 'GET')) {
    let status = 0;
    const changed = await changedBy(async () => {
      ({ status } = await ask(route, { authorization }));
    });
    // That somebody was refused is written down.
    expect(status < 400 ? changed : changed.filter((key) => !/^(audit|person)#/.test(key)), name).toEqual([]);
  }
});

test('a link changes nothing, whatever it says', async () => {
  await atRest();
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
    const changed = await changedBy(() => askRaw(berth, [...lines, 'X-HTTP-Method-Override: DELETE']));
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
  ])('sends nobody elsewhere (%s)', async (redirect) => {
    const answer = await authorize(redirect());
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  test('sends nobody elsewhere after the sign-out', async () => {
    const query = new URLSearchParams({ client_id: 'berth', post_logout_redirect_uri: `${berth.url}.evil.example/` });
    const answer = await fetch(`${berth.url}/oidc/session/end?${query}`, { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  test('tells no other page what it answers', async () => {
    const headers = { origin: evil, 'content-type': 'application/x-www-form-urlencoded' };
    for (const grant_type of ['authorization_code', 'refresh_token']) {
      const form = { client_id: 'berth', grant_type, code: 'x', refresh_token: 'x', redirect_uri: `${berth.url}/` };
      const body = new URLSearchParams(form).toString();
      const answer = await fetch(`${berth.url}/oidc/token`, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('not allowed');
    }
  });
});
