import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { AuditEvent } from '../../../contracts/audit.ts';
import { sessionPath, sessionProtocol, ticketProtocolPrefix } from '../../../contracts/sessions/session.ts';
import { loadPerson, personItem } from '../../../core/people/person-record.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';

const template = 'name: app\ncompute: { kind: process }\napps:\n  - { name: web, displayName: Web }\n';

let berth: TestBerth;
let minutes: number;
beforeEach(async () => {
  minutes = 0;
  const clock = () => new Date(Date.now() + minutes * 60_000);
  berth = await givenBerth({ clock, templateFolders: [givenTemplates({ app: template })] });
});
afterEach(() => berth.end());

const givenWorkspace = (name: string) => berth.as('ada').createWorkspace({ body: { name, template: 'app' } });

let ada: string;
beforeEach(async () => {
  ada = (await berth.as('ada').me()).id;
});

/** Returns the refusals on ada's audit chain: route and subject. */
const refusals = async () => {
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${ada}`, limit: 1000 });
  const events = items.map((item) => item['event'] as unknown as AuditEvent);
  return events.filter(({ action }) => action === 'access.refuse').map(({ details }) => details);
};

/** Returns the error of a session that is requested with a ticket. */
const sessionBy = async (ticket: string, workspace: string): Promise<string> => {
  const url = berth.url.replace('http', 'ws') + sessionPath(workspace, 'exec');
  const [error] = await once(new WebSocket(url, [sessionProtocol, ticketProtocolPrefix + ticket]), 'error');
  return (error as Error).message;
};

/** Sends a request to a host below localhost, which a browser resolves to this machine. */
const send = async (host: string, path: string, headers: Record<string, string>, body?: string) => {
  const outgoing = request(berth.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { host, ...headers },
  });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  incoming.resume();
  return incoming as { statusCode: number; headers: Record<string, string[] | undefined> };
};

const ticketFor = (workspace: string) =>
  berth.as('ada').createTicket({ params: { workspace }, body: { for: 'app', app: 'web' } });

const postTicket = (ticket: string, host: string) => {
  const headers = { origin: berth.url, 'content-type': 'application/x-www-form-urlencoded' };
  return send(host, '/.berth/session', headers, new URLSearchParams({ ticket, path: '/' }).toString());
};

const givenAppSession = async (workspace: string) => {
  const { ticket, url } = await ticketFor(workspace);
  const { host } = new URL(url);
  const opened = await postTicket(ticket, host);
  return { host, cookie: String(opened.headers['set-cookie']?.[0]).split(';')[0] ?? '' };
};

const deactivate = async () => {
  const { table } = berth.runtime.rules;
  const person = await loadPerson(table, ada);
  if (person !== undefined) await table.write([{ put: personItem({ ...person, active: false }) }]);
};

test('a refused list of everyone’s workspaces is audited', async () => {
  await expect(berth.as('ada').listWorkspaces({ query: { owner: 'everyone' } })).rejects.toMatchObject({
    error: 'forbidden',
  });
  expect(await refusals()).toEqual([{ route: 'listWorkspaces', subject: 'workspaces' }]);
});

test('a session with a ticket for another workspace, for an app or of a deactivated person is audited', async () => {
  const [one, two] = [await givenWorkspace('one'), await givenWorkspace('two')];
  const sessionTicket = async (workspace: string) =>
    (await berth.as('ada').createTicket({ params: { workspace }, body: { for: 'session' } })).ticket;
  const late = await sessionTicket(one.id);
  expect(await sessionBy(await sessionTicket(one.id), two.id)).toContain('401');
  expect(await sessionBy((await ticketFor(one.id)).ticket, one.id)).toContain('401');
  await deactivate();
  expect(await sessionBy(late, one.id)).toContain('401');
  expect(await refusals()).toEqual([
    { route: 'session', subject: two.id },
    { route: 'session', subject: one.id },
    { route: 'session', subject: one.id },
  ]);
});

test('a session in another person’s workspace with one’s own ticket is audited', async () => {
  const own = await givenWorkspace('own');
  const other = await berth.as('linus').createWorkspace({ body: { name: 'other', template: 'app' } });
  const { ticket } = await berth.as('ada').createTicket({ params: { workspace: own.id }, body: { for: 'session' } });
  expect(await sessionBy(ticket, other.id)).toContain('404');
  expect(await refusals()).toEqual([{ route: 'session', subject: other.id }]);
});

test('an app opened with a ticket or session of another one is audited', async () => {
  const [one, two] = [await givenWorkspace('one'), await givenWorkspace('two')];
  const { cookie, host } = await givenAppSession(one.id);
  const { ticket } = await ticketFor(two.id);
  expect((await postTicket(ticket, host)).statusCode).toBe(401);
  expect((await send(host.replace('one', 'two'), '/', { cookie })).statusCode).toBe(401);
  expect(await refusals()).toEqual([
    { route: 'app', subject: two.id },
    { route: 'app', subject: one.id },
  ]);
});

test('repeated requests to an app are audited once per session and minute', async () => {
  const { id } = await givenWorkspace('one');
  const { host, cookie } = await givenAppSession(id);
  await deactivate();
  const open = async () => (await send(host, '/', { cookie })).statusCode;
  expect(new Set(await Promise.all(Array.from({ length: 8 }, open)))).toEqual(new Set([401]));
  expect(await open()).toBe(401);
  expect(await refusals()).toEqual([{ route: 'app', subject: id }]);
  minutes += 1;
  expect([await open(), await open()]).toEqual([401, 401]);
  expect(await refusals()).toHaveLength(2);
});
