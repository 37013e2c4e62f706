import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { agentPath, sessionPath, sessionProtocol, ticketProtocolPrefix } from '../../../contracts/agent/wire.ts';
import { hostKeyOf } from '../../../core/connections/agents/host-key.ts';
import { agentToken, oneTimeToken } from '../../../core/crypto/secrets.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { givenExec } from '../../support/clients/exec.ts';
import { cookieOf, postTicket, requestHost } from '../../support/clients/host-request.ts';

const template = `
name: page
compute: { kind: process }
agent:
  startup: |
    "$BERTH_NODE" -e 'require("http").createServer((q, s) => s.end("hi")).listen(process.env.BERTH_APP_WEB_PORT, "127.0.0.1")' > /dev/null 2>&1 &
apps:
  - { name: web, health: { every: 1s } }
`;

/** All log lines, with the stacks and causes of errors. */
let logged = '';
/** All responses of Berth, by request. */
const responses: [string, string][] = [];
/** The secrets of the flow by name. */
const secrets = new Map<string, string>();
let berth: TestBerth;
let workspace: string;

const deep = (value: unknown): unknown =>
  value instanceof Error ? { ...value, stack: value.stack, cause: deep(value.cause) } : value;

const remember = (name: string, secret: string): string => {
  expect(secret.length, name).toBeGreaterThan(20);
  secrets.set(name, secret);
  return secret;
};

const send = async (what: string, path: string, init: RequestInit = {}): Promise<Response> => {
  const response = await fetch(berth.url + path, { redirect: 'manual', ...init });
  responses.push([what, `${[...response.headers].join('\n')}\n${await response.clone().text()}`]);
  return response;
};

const form = (fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin: berth.url, ...headers },
  body: new URLSearchParams(fields).toString(),
});

/** Signs in like the portal's browser. Returns an access token. */
const signIn = async (): Promise<string> => {
  const verifier = remember('verifier', randomBytes(32).toString('base64url'));
  const cookies = new Map<string, string>();
  const step = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, berth.url), {
      redirect: 'manual',
      ...init,
      headers: { cookie, ...init.headers },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  const redirect_uri = `${berth.url}/signed-in`;
  const query = new URLSearchParams({
    client_id: 'berth',
    redirect_uri,
    response_type: 'code',
    scope: 'openid profile berth',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const signInPage = await step(`/oidc/auth?${query}`);
  const named = await step(signInPage.headers.get('location') ?? '', form({ person: 'ada' }));
  const back = await step(named.headers.get('location') ?? '');
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  remember('authorization code', code);
  const fields = { grant_type: 'authorization_code', client_id: 'berth', code, redirect_uri, code_verifier: verifier };
  const tokens = (await (await step('/oidc/token', form(fields))).json()) as Record<string, string>;
  remember('refresh token', tokens['refresh_token'] ?? '');
  return remember('access token', tokens['access_token'] ?? '');
};

const refused = async (path: string, headers: Record<string, string>, protocols: string[] = []): Promise<void> => {
  const socket = new WebSocket(berth.url.replace('http', 'ws') + path, protocols, { headers });
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'unexpected-response'), once(socket, 'close')]);
  socket.terminate();
};

const useApp = async (): Promise<void> => {
  const ada = berth.as('ada');
  const params = { workspace };
  const { ticket, url } = await ada.createTicket({ params, body: { for: 'app', app: 'web' } });
  const { host } = new URL(url);
  expect(url).not.toContain(remember('app ticket', ticket));
  const opened = await postTicket(berth, host, ticket);
  const cookie = cookieOf(opened);
  remember('app session', cookie.split('=')[1] ?? '');
  for (const headers of [{ cookie }, { cookie: `${cookie}x` }, { cookie, origin: 'http://evil.example' }]) {
    const response = await requestHost(berth, host, '/a?b=c', { headers, method: 'POST' });
    responses.push(['the app', JSON.stringify([response.headers, response.body])]);
  }
  // Again after use, and for another app.
  for (const at of [host, host.replace('web--', 'api--')]) {
    const again = await postTicket(berth, at, ticket);
    responses.push(['the ticket again', JSON.stringify([again.headers, again.body])]);
  }
};

const useSessions = async (): Promise<void> => {
  const params = { workspace };
  const exec = await givenExec(berth, workspace, ['true']);
  await exec.exit;
  const { ticket } = await berth.as('ada').createTicket({ params, body: { for: 'session' } });
  const protocols = [sessionProtocol, ticketProtocolPrefix + remember('session ticket', ticket)];
  const path = sessionPath(workspace, 'terminal');
  const socket = new WebSocket(berth.url.replace('http', 'ws') + path, protocols, { headers: { origin: berth.url } });
  await once(socket, 'open');
  socket.terminate();
  await refused(path, {}, protocols);
  await refused(path, { authorization: `Bearer ${berth.tokenOf('linus')}` });
};

const misuse = async (): Promise<void> => {
  const ada = berth.as('ada');
  const { id, secret } = await berth.signedInAs('ada').createToken({ body: { name: 'laptop' } });
  remember('API token', secret);
  const authorization = `Bearer ${secret}`;
  await send('with a token', '/api/me', { headers: { authorization } });
  await send('with a token in the query', `/api/me?token=x`, { headers: { authorization } });
  await ada.revokeToken({ params: { token: id } });
  await send('with a revoked token', '/api/me', { headers: { authorization } });
  await send('with a token cut short', '/api/me', { headers: { authorization: authorization.slice(0, -3) } });
  const body = JSON.stringify({ name: secret, template: secret });
  const own = { authorization: `Bearer ${berth.tokenOf('ada')}`, 'content-type': 'application/json' };
  const echoed = await fetch(`${berth.url}/api/workspaces`, { method: 'POST', headers: own, body });
  expect(echoed.status).toBe(400);
  const agentKey = remember('agent key', await berth.runtime.agentKey());
  const token = remember('agent token', agentToken(agentKey, workspace, 1));
  remember('one-time token', oneTimeToken(agentKey, workspace, 1));
  remember('host key', hostKeyOf(agentKey, workspace).privateKey);
  await refused(agentPath, { authorization: `Bearer ${token}x` });
  await send('with an agent’s token', '/api/me', { headers: { authorization: `Bearer ${token}` } });
};

beforeAll(async () => {
  berth = await givenBerth({
    templateFolders: [givenTemplates({ page: template })],
    log: (...line) => {
      logged += `${JSON.stringify(line, (_, value) => deep(value))}\n`;
    },
  });
  for (const person of ['ada', 'linus', 'grace']) remember(`API token of ${person}`, berth.tokenOf(person));
  ({ id: workspace } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'page' } }));
  await untilStatus(berth.as('ada'), workspace, 'running');
  const access = await signIn();
  const me = await send('with an access token', '/api/me', { headers: { authorization: `Bearer ${access}` } });
  expect(me.status).toBe(200);
  await useApp();
  await useSessions();
  await misuse();
  await berth.as('ada').stopWorkspace({ params: { workspace } });
  await untilStatus(berth.as('ada'), workspace, 'stopped');
  await refused(agentPath, { authorization: `Bearer ${secrets.get('agent token')}` });
});
afterAll(() => berth.end());

/** Returns the names of the secrets that a text contains. */
const found = (text: string): string[] =>
  [...secrets].flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));

test('no log contains a secret of the whole flow', () => {
  expect(logged).toContain('agent connected');
  expect(found(logged)).toEqual([]);
});

test('no response contains a secret', () => {
  for (const [what, response] of responses) expect(found(response), what).toEqual([]);
});

/** Files whose purpose is to store secrets: mode 0600, in a folder of mode 0700. */
const secretFiles = /\.secret$|^(dev-tokens|signing-key)\.json$|^sign-in\.sqlite/;

test('neither the table, the audit, the workspaces’ files nor another file contains a secret', () => {
  const files = readdirSync(berth.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const names = files.map((file) => relative(berth.dataDir, file));
  for (const needed of ['table.sqlite', 'agent.cjs']) expect(names).toContain(needed);
  expect(names.some((name) => name.startsWith('audit/'))).toBe(true);
  for (const file of files) {
    const name = relative(berth.dataDir, file);
    if (secretFiles.test(name)) expect(statSync(file).mode & 0o077, name).toBe(0);
    else expect(found(readFileSync(file, 'latin1')), name).toEqual([]);
  }
});
