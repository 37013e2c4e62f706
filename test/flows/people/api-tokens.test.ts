import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, createClient } from '../../../contracts/client/client.ts';
import { sessionProtocol, ticketProtocolPrefix } from '../../../contracts/sessions/session.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { checkedFetch } from '../../support/checks/checked-fetch.ts';
import { appHosts, appsTemplate, untilHealthy } from '../../support/clients/app-hosts.ts';

let berth: TestBerth;
let hosts: ReturnType<typeof appHosts>;
let demo: Workspace;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates({ apps: appsTemplate('apps') })] });
  hosts = appHosts(berth);
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'apps' } });
  demo = await untilHealthy(berth, 'ada', id);
});
afterAll(() => berth.end());

/** Another API token of ada's. */
const givenToken = async () => {
  const { id, secret } = await berth.signedInAs('ada').createToken({ body: { name: 'stolen', days: 1 } });
  const as = createClient({ baseUrl: berth.url, token: () => secret, fetch: checkedFetch });
  return { id, as, revoke: () => berth.as('ada').revokeToken({ params: { token: id } }) };
};

const signInToApp = async (client: Client) => {
  const params = { workspace: demo.id };
  const { ticket, url } = await client.createTicket({ params, body: { for: 'app', app: 'web' } });
  const host = new URL(url).host;
  const response = await hosts.post(host, ticket);
  return { host, cookie: String(response.headers['set-cookie']?.[0]).split(';')[0] ?? '' };
};

const dial = async (client: Client) => {
  const { ticket, url } = await client.createTicket({ params: { workspace: demo.id }, body: { for: 'session' } });
  const protocols = [sessionProtocol, ticketProtocolPrefix + ticket];
  return () => new WebSocket(berth.url.replace('http', 'ws') + url, protocols, { headers: { origin: berth.url } });
};

test('revoking a token ends the connections opened with its tickets, and no others', async () => {
  const stolen = await givenToken();
  const own = await signInToApp(berth.as('ada'));
  const { host, cookie } = await signInToApp(stolen.as);
  const unused = await dial(stolen.as);
  const open = [(await dial(stolen.as))(), await hosts.socket(host, cookie)];
  await Promise.all(open.filter(({ readyState }) => readyState !== WebSocket.OPEN).map((one) => once(one, 'open')));
  const ownSocket = await hosts.socket(own.host, own.cookie);

  const ended = Promise.all(open.map((one) => once(one, 'close')));
  await stolen.revoke();
  await ended;
  expect((await hosts.send(host, '/', { cookie })).status).toBe(401);
  const [error] = (await once(unused(), 'error')) as [Error];
  expect(error.message).toContain('401');
  expect((await hosts.send(own.host, '/', { cookie: own.cookie })).status).toBe(200);
  expect(ownSocket.readyState).toBe(WebSocket.OPEN);
  ownSocket.terminate();
});

test('a token cannot create another one, which could outlive it, and the attempt is audited', async () => {
  const stolen = await givenToken();
  const tokens = async () => (await berth.as('ada').listTokens()).items.length;
  const before = await tokens();
  const attempt = stolen.as.createToken({ body: { name: 'successor', days: 365 } });
  await expect(attempt).rejects.toMatchObject({ error: 'forbidden', message: expect.stringContaining('Sign in') });
  expect(await tokens()).toBe(before);
  const [item] = (await berth.runtime.rules.table.query({ pk: `audit#${demo.owner.id}`, reverse: true, limit: 1 }))
    .items;
  const details = { route: 'createToken', subject: stolen.id };
  expect(item?.['event']).toMatchObject({ action: 'access.refuse', outcome: 'failure', details });
});
