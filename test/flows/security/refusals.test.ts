import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiError } from '../../../contracts/client/client.ts';
import { Problem } from '../../../contracts/errors/problem.ts';
import { publishTemplate } from '../../../core/templates/publishing/publish.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';

const picky = `
name: picky
parameters:
  - { name: cpu, type: number, min: 1, max: 8 }
  - { name: region, type: string, default: eu, options: [{ value: eu }, { value: us }], mutable: false }
compute: { kind: process }
`;
const closed = `
name: closed
groups: [nobody]
compute: { kind: process }
`;
const plain = 'name: plain\ncompute: { kind: process }\n';

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ picky, closed, plain })] });
});
afterAll(() => berth.end());

const send = async (path: string, init: RequestInit & { token?: string } = {}) => {
  const { token = berth.tokenOf('ada'), headers, ...rest } = init;
  const response = await fetch(berth.url + path, {
    ...rest,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, problem: Problem.parse(await response.json()) };
};

const create = (body: unknown) => send('/api/workspaces', { method: 'POST', body: JSON.stringify(body) });

const expectNothingCreated = async () => {
  expect((await berth.as('ada').listWorkspaces()).items).toEqual([]);
};

describe('an invalid create', () => {
  test.each([
    [
      'an unknown field',
      { name: 'demo', template: 'plain', colour: 'red' },
      400,
      'colour',
      'There is no field "colour"',
    ],
    ['no name', { template: 'plain' }, 400, 'name', 'name'],
    ['a bad name', { name: 'Demo_1', template: 'plain' }, 400, 'name', 'lowercase letters'],
    ['a name that is too long', { name: 'a'.repeat(27), template: 'plain' }, 400, 'name', 'at most 26'],
    ['a name that could be taken for two', { name: 'a--b', template: 'plain' }, 400, 'name', 'single hyphens'],
    ['an unknown template', { name: 'demo', template: 'nope' }, 404, 'template', 'no template "nope"'],
    ["another group's template", { name: 'demo', template: 'closed' }, 404, 'template', 'no template "closed"'],
    ['an unknown version', { name: 'demo', template: 'plain', version: 9 }, 404, 'version', 'no version 9'],
    ['a missing parameter', { name: 'demo', template: 'picky' }, 422, 'parameters.cpu', 'cpu is required'],
    [
      'a parameter out of range',
      { name: 'demo', template: 'picky', parameters: { cpu: 99 } },
      422,
      'parameters.cpu',
      '8',
    ],
    [
      'a parameter of another type',
      { name: 'demo', template: 'picky', parameters: { cpu: '2' } },
      422,
      'parameters.cpu',
      'number',
    ],
    [
      'a parameter that is not an option',
      { name: 'demo', template: 'picky', parameters: { cpu: 1, region: 'mars' } },
      422,
      'parameters.region',
      'one of',
    ],
    [
      'a parameter that is not declared',
      { name: 'demo', template: 'picky', parameters: { cpu: 1, gpu: 1 } },
      422,
      'parameters.gpu',
      'no parameter "gpu"',
    ],
  ])('with %s is refused and creates nothing', async (_, body, status, field, words) => {
    const response = await create(body);
    expect(response).toMatchObject({ status, problem: { field } });
    expect(response.problem.detail).toContain(words);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    await expectNothingCreated();
  });

  test('with a body of 1 MB is refused', async () => {
    const response = await create({ name: 'demo', template: 'plain', parameters: { x: 'y'.repeat(1_000_000) } });
    expect(response).toMatchObject({ status: 413, problem: { title: 'The request is too large' } });
    await expectNothingCreated();
  });

  test('with invalid JSON or another content type is refused', async () => {
    expect(await send('/api/workspaces', { method: 'POST', body: '{"name":' })).toMatchObject({ status: 400 });
    const form = {
      method: 'POST',
      body: 'name=demo',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
    expect(await send('/api/workspaces', form)).toMatchObject({ status: 415 });
  });
});

test('a person who lost access to a template may start the current version, and no other', async () => {
  const params = {
    workspace: (await berth.as('ada').createWorkspace({ body: { name: 'old', template: 'plain' } })).id,
  };
  await untilStatus(berth.as('ada'), params.workspace, 'running');
  const publish = (yaml: string) => publishTemplate(berth.runtime.rules, 'system', { yaml, source: 'test' });
  await publish(`${plain}groups: [nobody]\n`);
  await expect(berth.as('ada').startWorkspace({ params, body: { version: 2 } })).rejects.toMatchObject({
    problem: { status: 404, detail: expect.stringContaining('no template "plain"') },
  });
  expect((await berth.as('ada').startWorkspace({ params, body: {} })).template.version).toBe(1);
  await publish(plain);
  await berth.as('ada').deleteWorkspace({ params });
  await untilStatus(berth.as('ada'), params.workspace, 'deleted');
});

describe('names', () => {
  test('20 concurrent creates of one name make one workspace', async () => {
    const responses = await Promise.allSettled(
      Array.from({ length: 20 }, () => berth.as('linus').createWorkspace({ body: { name: 'one', template: 'plain' } })),
    );
    const refusals = responses.flatMap((response) =>
      response.status === 'rejected' ? [response.reason as ApiError] : [],
    );
    expect(refusals).toHaveLength(19);
    for (const refusal of refusals) expect(refusal.problem).toMatchObject({ status: 409, field: 'name' });
    expect((await berth.as('linus').listWorkspaces()).items).toHaveLength(1);
  });

  test('two people may use the same name', async () => {
    await berth.as('grace').createWorkspace({ body: { name: 'one', template: 'plain' } });
    expect((await berth.as('linus').listWorkspaces()).items).toHaveLength(1);
  });
});

describe("another person's workspace", () => {
  test('is not found by members; auditors may see it, admins may manage it', async () => {
    const created = await berth.as('linus').createWorkspace({ body: { name: 'secret', template: 'plain' } });
    const params = { workspace: created.id };
    for (const attempt of [
      berth.as('ada').getWorkspace({ params }),
      berth.as('ada').getWorkspace({ params: { workspace: 'secret' } }),
      berth.as('ada').stopWorkspace({ params }),
      berth.as('ada').deleteWorkspace({ params }),
      berth.as('ada').listBuilds({ params }),
      berth.as('ada').getBuild({ params: { ...params, build: 1 } }),
      berth.as('ada').getBuildLog({ params: { ...params, build: 1, step: 'startup' } }),
      berth.as('ada').createTicket({ params, body: { for: 'session' } }),
    ]) {
      await expect(attempt).rejects.toMatchObject({ problem: { status: 404 } });
    }
    expect((await berth.as('sam').getWorkspace({ params })).name).toBe('secret');
    await expect(berth.as('sam').stopWorkspace({ params })).rejects.toMatchObject({ problem: { status: 403 } });
    await expect(berth.as('grace').createTicket({ params, body: { for: 'session' } })).rejects.toMatchObject({
      problem: { status: 403 },
    });
    await untilStatus(berth.as('linus'), created.id, 'running');
    await berth.as('grace').stopWorkspace({ params });
  });

  test('can be started by an admin, but not with parameters or versions that would run as its owner', async () => {
    const created = await berth.as('linus').createWorkspace({
      body: { name: 'chosen', template: 'picky', parameters: { cpu: 1 } },
    });
    const params = { workspace: created.id };
    const { version } = await untilStatus(berth.as('linus'), created.id, 'running');
    for (const body of [{ parameters: { cpu: 8 } }, { parameters: {} }, { version: 1 }]) {
      await expect(berth.as('grace').startWorkspace({ params, body })).rejects.toMatchObject({
        problem: { status: 403, detail: expect.stringContaining('Start it without these changes') },
      });
    }
    expect(await berth.as('linus').getWorkspace({ params })).toMatchObject({ version, parameters: { cpu: 1 } });
    await berth.as('grace').stopWorkspace({ params });
    await untilStatus(berth.as('linus'), created.id, 'stopped');
    await berth.as('grace').startWorkspace({ params, body: {} });
    await untilStatus(berth.as('linus'), created.id, 'running');
    await berth.as('linus').deleteWorkspace({ params });
    await untilStatus(berth.as('linus'), created.id, 'deleted');
  });

  test('each refusal is audited on the chain of the person who tried', async () => {
    const me = await berth.as('ada').me();
    const { items } = await berth.runtime.rules.table.query({ pk: `audit#${me.id}`, limit: 1000 });
    const refusals = items.filter((item) => (item['event'] as { action?: string }).action === 'access.refuse');
    expect(refusals.length).toBeGreaterThanOrEqual(7);
  });

  test('only admins and auditors list everyone’s workspaces', async () => {
    await expect(berth.as('ada').listWorkspaces({ query: { owner: 'everyone' } })).rejects.toMatchObject({
      problem: { status: 403 },
    });
    const { items } = await berth.as('sam').listWorkspaces({ query: { owner: 'everyone' } });
    expect(new Set(items.map(({ owner }) => owner.name))).toEqual(new Set(['linus', 'grace']));
  });
});

describe('sign-in tokens', () => {
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = () => Math.floor(Date.now() / 1000);
  const key = () => JSON.parse(readFileSync(join(berth.dataDir, 'signing-key.json'), 'utf8')) as { kid: string };
  const claims = () => ({
    sub: 'ada',
    iss: `${berth.url}/oidc`,
    aud: `${berth.url}/api`,
    scope: 'berth',
    exp: seconds() + 600,
    iat: seconds(),
    preferred_username: 'ada',
    groups: ['engineering'],
  });
  const jwt = (payload: object, header: object = {}, privateKey: object = key()) => {
    const text = `${base64({ alg: 'RS256', kid: key().kid, typ: 'at+jwt', ...header })}.${base64(payload)}`;
    const signature = sign('RSA-SHA256', Buffer.from(text), { key: privateKey as never, format: 'jwk' });
    return `${text}.${signature.toString('base64url')}`;
  };
  const me = (token: string) => send('/api/me', { token });

  test('a valid one is accepted', async () => {
    const response = await fetch(`${berth.url}/api/me`, { headers: { authorization: `Bearer ${jwt(claims())}` } });
    expect(await response.json()).toMatchObject({ name: 'ada', groups: ['engineering'], roles: ['member'] });
  });

  test('all others are refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const none = `${base64({ alg: 'none', kid: key().kid })}.${base64(claims())}.`;
    const confused = `${base64({ alg: 'HS256', kid: key().kid })}.${base64(claims())}`;
    const bad: Record<string, string> = {
      none,
      confused: `${confused}.${createHmac('sha256', JSON.stringify(key())).update(confused).digest('base64url')}`,
      expired: jwt({ ...claims(), exp: seconds() - 10 }),
      'not yet valid': jwt({ ...claims(), nbf: seconds() + 600 }),
      'other issuer': jwt({ ...claims(), iss: 'http://evil.example/oidc' }),
      'other audience': jwt({ ...claims(), aud: 'berth' }),
      'an ID token': jwt({ ...claims(), aud: 'berth', scope: undefined }),
      'wrong key': jwt(claims(), {}, privateKey.export({ format: 'jwk' })),
      'unknown key': jwt(claims(), { kid: 'other' }),
      'changed claims': jwt(claims()).replace(/\.[^.]+\./, `.${base64({ ...claims(), groups: ['berth-admins'] })}.`),
      garbage: 'x.y.z',
      empty: '',
      'API token with a wrong secret': `${berth.tokenOf('ada').slice(0, -4)}AAAA`,
      'malformed API token': 'berth_0123456789abcdef_short',
    };
    for (const [name, token] of Object.entries(bad)) {
      const response = await me(token);
      expect(response, name).toMatchObject({ status: 401, problem: { title: 'Sign-in required' } });
      expect(response.headers.get('www-authenticate'), name).toBe('Bearer');
      if (token.length > 10) expect(JSON.stringify(response.problem), name).not.toContain(token);
    }
  });

  test('a revoked API token is refused at the next request', async () => {
    const ada = berth.as('ada');
    const { id, secret } = await berth.signedInAs('ada').createToken({ body: { name: 'short-lived' } });
    expect((await fetch(`${berth.url}/api/me`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
    await expect(berth.as('linus').revokeToken({ params: { token: id } })).rejects.toMatchObject({
      problem: { status: 404 },
    });
    await ada.revokeToken({ params: { token: id } });
    expect(await me(secret)).toMatchObject({ status: 401 });
  });
});

describe('paths', () => {
  test('that do not exist return 404; other methods return 405 with the allowed ones', async () => {
    expect(await send('/api/nothing')).toMatchObject({ status: 404 });
    const response = await send('/api/workspaces', { method: 'PUT', body: '{}' });
    expect(response).toMatchObject({ status: 405, problem: { title: 'Method not allowed' } });
    expect(response.headers.get('allow')).toBe('GET, POST');
  });

  test('are percent-decoded', async () => {
    expect(await send('/api/workspaces/%6e%6fpe')).toMatchObject({
      status: 404,
      problem: { detail: expect.stringContaining('"nope"') },
    });
    expect(await send('/api/workspaces/%ff')).toMatchObject({ status: 400 });
    expect(await send('/api/workspaces/..%2f..%2fme')).toMatchObject({ status: 404 });
  });

  test('of a foreign host are refused', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(`${berth.url}/api/health`, { headers: { host: 'evil.example' } }, (response) =>
        resolve(response.statusCode),
      ).end();
    });
    expect(status).toBe(421);
  });
});

describe('an Idempotency-Key', () => {
  const withKey = (body: object, idempotencyKey: string) =>
    berth.as('sam').createWorkspace({ body: body as never }, { idempotencyKey });

  test('has one effect and one response, also for concurrent requests', async () => {
    const body = { name: 'twice', template: 'plain' };
    const responses = await Promise.all(Array.from({ length: 8 }, () => withKey(body, 'key-1')));
    expect(new Set(responses.map((response) => JSON.stringify(response))).size).toBe(1);
    expect((await berth.as('sam').listWorkspaces()).items).toHaveLength(1);
  });

  test('with another body is refused', async () => {
    await expect(withKey({ name: 'other', template: 'plain' }, 'key-1')).rejects.toMatchObject({
      error: 'idempotency_mismatch',
      problem: { status: 422 },
    });
  });

  test('belongs to one person', async () => {
    const options = { idempotencyKey: 'key-1' };
    const created = await berth.as('linus').createWorkspace({ body: { name: 'mine', template: 'plain' } }, options);
    expect(created.name).toBe('mine');
  });
});

test('a repeated response equals the first one to the byte, also where it depends on the time', async () => {
  let ticks = 0;
  const ticking = await givenBerth({ clock: () => new Date(Date.now() + ++ticks) });
  const created = await ticking.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
  await untilStatus(ticking.as('ada'), created.id, 'running');
  const extend = async () => {
    const response = await fetch(`${ticking.url}/api/workspaces/${created.id}/extend`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ticking.tokenOf('ada')}`,
        'content-type': 'application/json',
        'idempotency-key': 'extend-1',
      },
      body: JSON.stringify({ minutes: 180 }),
    });
    return `${response.status} ${await response.text()}`;
  };
  const first = await extend();
  expect(first).toMatch(/^20\d /);
  expect(await extend()).toBe(first);
  await ticking.end();
});

test('the client throws an ApiError', async () => {
  const attempt = berth.as('ada').createWorkspace({ body: { name: 'x', template: 'nope' } });
  await expect(attempt).rejects.toBeInstanceOf(ApiError);
});
