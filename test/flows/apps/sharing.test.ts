import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { AuditEvent } from '../../../contracts/audit.ts';
import type { RouteInput } from '../../../contracts/routes/routes.ts';
import { sessionPath } from '../../../contracts/sessions/session.ts';
import type { Share, ShareWhat, ShareWith } from '../../../contracts/workspaces/sharing.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { loadPerson, personItem } from '../../../core/people/person-record.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { appHosts, appsTemplate, untilHealthy } from '../../support/clients/app-hosts.ts';
import { runCli } from '../../support/clients/cli.ts';

const templates = {
  open: appsTemplate('open', 'sharing: { apps: everyone, workspace: everyone }'),
  usual: 'name: usual\ncompute: { kind: process }\napps: [{ name: web }]\n',
  closed: 'name: closed\ncompute: { kind: process }\napps: [{ name: web }]\nsharing: { apps: none, workspace: none }\n',
};

/** A revocation takes about a second; a busy machine takes longer. */
const withinMs = 5_000;

let berth: TestBerth;
let minutes = 0;
let hosts: ReturnType<typeof appHosts>;
let demo: Workspace;
beforeAll(async () => {
  const clock = () => new Date(Date.now() + minutes * 60_000);
  berth = await givenBerth({ clock, templateFolders: [givenTemplates(templates)] });
  hosts = appHosts(berth);
  const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'open' } });
  demo = await untilHealthy(berth, 'ada', id);
});
afterAll(() => berth.end());

const linus: ShareWith = { kind: 'person', person: 'linus' };
const web: ShareWhat = { kind: 'app', app: 'web' };
const whole: ShareWhat = { kind: 'workspace' };
const toWeb = { for: 'app', app: 'web' } as const;

const share = (what: ShareWhat, other: ShareWith, workspace = demo.id, more: { expiresAt?: string } = {}) =>
  berth.as('ada').createShare({ params: { workspace }, body: { what, with: other, ...more } });
const revoke = ({ id }: Share, workspace = demo.id) =>
  berth.as('ada').revokeShare({ params: { workspace, share: id } });
const shares = async (workspace = demo.id) => (await berth.as('ada').listShares({ params: { workspace } })).items;

afterEach(async () => {
  for (const each of await shares()) await revoke(each);
});

/** Creates a workspace that need not run. */
const given = async (name: string, template = 'usual', person: 'ada' | 'linus' = 'ada') => {
  const made = await berth.as(person).createWorkspace({ body: { name, template } });
  onTestFinished(async () => {
    await berth.as(person).deleteWorkspace({ params: { workspace: made.id } });
  });
  return made;
};

const refusal = (error: string) => expect.objectContaining({ error });

/** Changes a person's groups, like the identity provider. */
const putIntoGroups = async (person: 'linus', groups: string[]) => {
  const { table } = berth.runtime.rules;
  const { id } = await berth.as(person).me();
  const record = await loadPerson(table, id);
  if (record !== undefined) await table.write([{ put: personItem({ ...record, groups }) }]);
};

const sessionBy = async (workspace: string, person: 'ada' | 'linus', path: 'exec' | 'terminal' = 'exec') => {
  const headers = { authorization: `Bearer ${berth.tokenOf(person)}` };
  const socket = new WebSocket(berth.url.replace('http', 'ws') + sessionPath(workspace, path), { headers });
  await once(socket, 'open');
  return socket;
};

describe('an app shared with a person', () => {
  test('can be opened, also by its full name, and nothing else of the workspace can', async () => {
    await expect(hosts.ticketOf('linus', demo.id, toWeb)).rejects.toEqual(refusal('not_found'));
    const made = await share(web, linus);
    expect(made).toMatchObject({ active: true, url: demo.apps[0]?.url, createdBy: 'ada' });

    const [seen, ...others] = (await berth.as('linus').listShared()).items;
    expect(others).toEqual([]);
    const [shown] = demo.apps;
    const { id, name, owner } = demo;
    expect(seen).toEqual({ id, name, owner, status: 'running', apps: [shown], ports: [] });
    expect(await berth.as('linus').getShared({ params: { workspace: 'demo--ada' } })).toEqual(seen);

    const { host, cookie } = await hosts.signIn('linus', 'demo--ada', toWeb);
    expect(await hosts.send(host, '/', { cookie })).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^web /),
    });
  });

  test('gives access to no other app, port, session or route', async () => {
    const made = await share(web, linus);
    const as = berth.as('linus');
    const params = { workspace: demo.id };
    const ticket = (body: RouteInput<'createTicket'>['body']) => as.createTicket({ params, body });
    const tries: (() => Promise<unknown>)[] = [
      () => ticket({ for: 'app', app: 'other' }),
      () => ticket({ for: 'port', port: 8_000 }),
      () => ticket({ for: 'session' }),
      () => as.getWorkspace({ params }),
      () => as.listBuilds({ params }),
      () => as.getBuildLog({ params: { ...params, build: 1, step: 'startup' } }),
      () => as.startWorkspace({ params, body: {} }),
      () => as.stopWorkspace({ params }),
      () => as.deleteWorkspace({ params }),
      () => as.listShares({ params }),
      () => as.createShare({ params, body: { what: web, with: { kind: 'everyone' } } }),
      () => as.revokeShare({ params: { ...params, share: made.id } }),
    ];
    for (const attempt of tries) await expect(attempt(), String(attempt)).rejects.toEqual(refusal('not_found'));
    await expect(sessionBy(demo.id, 'linus')).rejects.toThrow('404');
  });

  test('is opened by a ticket and a cookie that open no other host', async () => {
    await share(web, linus);
    const { host, cookie } = await hosts.signIn('linus', demo.id, toWeb);
    const other = host.replace('web--', 'other--');
    expect((await hosts.send(other, '/', { cookie })).status).toBe(401);
    const { ticket } = await hosts.ticketOf('linus', demo.id, toWeb);
    expect((await hosts.post(other, ticket)).status).toBe(401);
  });

  test('is closed within a second after a revocation, and no old ticket or cookie opens it again', async () => {
    const made = await share(web, linus);
    const own = await hosts.signIn('ada', demo.id, toWeb);
    const kept = await hosts.socket(own.host, own.cookie);
    const { host, cookie } = await hosts.signIn('linus', demo.id, toWeb);
    const socket = await hosts.socket(host, cookie);
    const stream = await hosts.begin(host, '/stream', { cookie });
    await once(stream, 'data');
    const late = await hosts.ticketOf('linus', demo.id, toWeb);

    const at = Date.now();
    const ended = Promise.all([once(socket, 'close'), expect(text(stream)).rejects.toThrow()]);
    await revoke(made);
    await ended;
    expect(Date.now() - at).toBeLessThan(withinMs);
    expect((await hosts.send(host, '/', { cookie })).status).toBe(404);
    expect((await hosts.post(host, late.ticket)).status).toBe(404);
    expect(kept.readyState).toBe(WebSocket.OPEN);
    kept.terminate();
  });

  test('is closed alone after a revocation; other shared apps stay open', async () => {
    const made = await share(web, linus);
    await share({ kind: 'app', app: 'other' }, linus);
    const open = async (app: string) => {
      const { host, cookie } = await hosts.signIn('linus', demo.id, { for: 'app', app });
      return hosts.socket(host, cookie);
    };
    const kept = await open('other');
    const closed = once(await open('web'), 'close');
    await revoke(made);
    await closed;
    expect(kept.readyState).toBe(WebSocket.OPEN);
    kept.terminate();
  });

  test('shows that only the owner can start its workspace', async () => {
    const { id } = await given('resting');
    await untilStatus(berth.as('ada'), id, 'running');
    await share(web, linus, id);
    await berth.as('ada').stopWorkspace({ params: { workspace: id } });
    await untilStatus(berth.as('ada'), id, 'stopped');
    const look = async (person: 'ada' | 'linus') => {
      const { host, cookie } = await hosts.signIn(person, id, toWeb);
      return (await hosts.send(host, '/', { cookie, accept: 'text/html' })).body;
    };
    expect(await look('ada')).toContain(`${id}?start=1`);
    const shown = await look('linus');
    expect(shown).toContain('Ask its owner');
    expect(shown).not.toContain(id);
  });

  test('is closed when the share expires', async () => {
    const expiresAt = new Date(berth.runtime.rules.clock().getTime() + 60_000).toISOString();
    await share(web, linus, demo.id, { expiresAt });
    const { host, cookie } = await hosts.signIn('linus', demo.id, toWeb);
    const closed = once(await hosts.socket(host, cookie), 'close');
    minutes += 2;
    await closed;
    expect((await hosts.send(host, '/', { cookie })).status).toBe(404);
    expect(await shares()).toEqual([expect.objectContaining({ active: false })]);
  });
});

describe('a whole workspace shared with a group', () => {
  const engineering: ShareWith = { kind: 'group', group: 'engineering' };

  test('can be seen and used: builds, logs, sessions, every app and port', async () => {
    await share(whole, engineering);
    const as = berth.as('linus');
    const params = { workspace: 'demo--ada' };
    expect((await as.getWorkspace({ params })).id).toBe(demo.id);
    expect((await as.listBuilds({ params })).items).toHaveLength(1);
    const [seen] = (await as.listShared()).items;
    expect(seen).toMatchObject({ workspace: { id: demo.id }, apps: [{ name: 'web' }, { name: 'other' }] });
    (await sessionBy('demo--ada', 'linus')).terminate();
    const { host, cookie } = await hosts.signIn('linus', demo.id, { for: 'app', app: 'other' });
    const [, port] = (await hosts.send(host, '/', { cookie })).body.split(' ');
    const byPort = await hosts.signIn('linus', demo.id, { for: 'port', port: Number(port) });
    expect((await hosts.send(byPort.host, '/', { cookie: byPort.cookie })).body).toBe(`other ${port}`);
  });

  test('cannot be managed or shared', async () => {
    const made = await share(whole, engineering);
    const as = berth.as('linus');
    const params = { workspace: demo.id };
    const tries: (() => Promise<unknown>)[] = [
      () => as.startWorkspace({ params, body: { parameters: {} } }),
      () => as.stopWorkspace({ params }),
      () => as.deleteWorkspace({ params }),
      () => as.extendWorkspace({ params, body: { minutes: 5 } }),
      () => as.removeAutostart({ params }),
      () => as.listShares({ params }),
      () => as.createShare({ params, body: { what: whole, with: { kind: 'everyone' } } }),
      () => as.revokeShare({ params: { ...params, share: made.id } }),
    ];
    for (const attempt of tries) await expect(attempt(), String(attempt)).rejects.toEqual(refusal('forbidden'));
  });

  test('is closed for a person who leaves the group, open connections included', async () => {
    await share(whole, engineering);
    const socket = await sessionBy(demo.id, 'linus');
    const closed = once(socket, 'close');
    await putIntoGroups('linus', []);
    onTestFinished(() => putIntoGroups('linus', ['engineering']));
    await closed;
    await expect(sessionBy(demo.id, 'linus')).rejects.toThrow('404');
    expect((await berth.as('linus').listShared()).items).toEqual([]);
  });

  test('stays with the workspace, not with its name', async () => {
    const before = await given('again');
    const byName = 'again--ada';
    await share(whole, linus, before.id);
    expect((await berth.as('linus').getWorkspace({ params: { workspace: byName } })).id).toBe(before.id);
    const { host, cookie } = await hosts.signIn('linus', before.id, toWeb);
    await untilStatus(berth.as('ada'), before.id, 'running');
    await berth.as('ada').deleteWorkspace({ params: { workspace: before.id } });
    expect((await berth.as('linus').listShared()).items).toEqual([]);
    await untilStatus(berth.as('ada'), before.id, 'deleted');

    const after = await given('again');
    expect(await shares(after.id)).toEqual([]);
    await expect(berth.as('linus').getWorkspace({ params: { workspace: byName } })).rejects.toEqual(
      refusal('not_found'),
    );
    expect((await hosts.send(host, '/', { cookie })).status).toBeGreaterThanOrEqual(401);
  });
});

describe('a port', () => {
  const portOfWeb = async () => {
    const { host, cookie } = await hosts.signIn('ada', demo.id, toWeb);
    return Number((await hosts.send(host, '/', { cookie })).body.split(' ')[1]);
  };

  test('has a host of its own, for the owner and the people it is shared with', async () => {
    const port = await portOfWeb();
    expect(demo.portUrl).toBe(`${berth.url.replace('http://', 'http://{port}--demo--ada.')}/`);
    const own = await hosts.signIn('ada', demo.id, { for: 'port', port });
    expect((await hosts.send(own.host, '/', { cookie: own.cookie })).body).toBe(`web ${port}`);

    await expect(hosts.ticketOf('linus', demo.id, { for: 'port', port })).rejects.toEqual(refusal('not_found'));
    await share({ kind: 'port', port }, linus);
    const url = demo.portUrl.replace('{port}', String(port));
    expect((await berth.as('linus').listShared()).items).toMatchObject([{ apps: [], ports: [{ port, url }] }]);
    const { host, cookie } = await hosts.signIn('linus', demo.id, { for: 'port', port });
    expect((await hosts.send(host, '/', { cookie })).body).toBe(`web ${port}`);
    const socket = await hosts.socket(host, cookie);
    socket.terminate();
    await expect(hosts.ticketOf('linus', demo.id, { for: 'port', port: port + 1 })).rejects.toEqual(
      refusal('not_found'),
    );
    await expect(hosts.ticketOf('linus', demo.id, toWeb)).rejects.toEqual(refusal('not_found'));
  });

  test('on which nothing listens shows a page with the remedy', async () => {
    const { host, cookie } = await hosts.signIn('ada', demo.id, { for: 'port', port: 1 });
    const page = await hosts.send(host, '/', { cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate' });
    expect(page).toMatchObject({ status: 502, body: expect.stringContaining('Nothing listens on port 1') });
  });

  test.each(['03000', '0', '65536', '+3000', '3e3', '-1', '３０００', '0x50', '99999999'])(
    'has one spelling only, not %s',
    async (spelled) => {
      const host = new URL(demo.portUrl.replace('{port}', '1')).host.replace(/^1/, encodeURIComponent(spelled));
      const { cookie } = await hosts.signIn('ada', demo.id, { for: 'port', port: 3_000 });
      expect((await hosts.send(host, '/', { cookie })).status).toBe(421);
    },
  );
});

describe('another person’s workspace by its name', () => {
  test('gets the same response whether it exists or not, and both requests are audited', async () => {
    const hidden = await given('hidden');
    const get = async (workspace: string) => {
      const refused = await Promise.allSettled([berth.as('linus').getWorkspace({ params: { workspace } })]);
      return refused.map((one) => (one.status === 'rejected' ? String(one.reason.message) : 'found')).join();
    };
    const [there, gone] = [await get('hidden--ada'), await get('hidden--grace')];
    expect(there.replace('ada', 'grace')).toBe(gone);
    const { id } = await berth.as('linus').me();
    const { items } = await berth.runtime.rules.table.query({ pk: `audit#${id}`, reverse: true, limit: 2 });
    const events = items.map((item) => item['event'] as unknown as AuditEvent);
    expect(events.map(({ action, details }) => [action, details['subject']])).toEqual([
      ['access.refuse', 'hidden--grace'],
      ['access.refuse', hidden.id],
    ]);
  });
});

describe('the share commands', () => {
  const cli = (person: 'ada' | 'linus', ...words: string[]) =>
    runCli(words, { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf(person) });

  test('share, list, open by full name, and revoke', async () => {
    const added = await cli('ada', 'share', 'add', 'demo', '--workspace', '--with', 'linus', '--expires', '7d');
    expect(added).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Shared the workspace with linus until \d{4}-/),
    });
    const app = JSON.parse(
      (await cli('ada', 'share', 'add', 'demo', '--app', 'web', '--everyone', '--json')).out,
    ) as Share;
    expect(app).toMatchObject({ what: web, with: { kind: 'everyone' }, url: demo.apps[0]?.url });
    const table = (await cli('ada', 'share', 'ls', 'demo')).out;
    expect(table).toMatch(/ID +WHAT +WITH[\s\S]*the workspace +linus[\s\S]*app web +everyone/);
    expect((await cli('linus', 'ls', '--shared')).out).toMatch(
      /ada\/demo +running +the workspace\nada\/demo +running +web +http/,
    );
    expect((await cli('linus', 'show', 'ada/demo')).out).toContain(demo.id);
    expect((await cli('linus', 'exec', 'ada/demo', '--', 'echo', 'hello')).out).toBe('hello\n');
    expect(await cli('ada', 'share', 'rm', 'demo', app.id)).toMatchObject({ code: 0 });
    expect(await shares()).toHaveLength(1);
  });

  test('require exactly one target and one audience', async () => {
    const add = (...words: string[]) => cli('ada', 'share', 'add', 'demo', ...words);
    for (const words of [['--everyone'], ['--app', 'web'], ['--app', 'web', '--workspace', '--everyone']]) {
      expect(await add(...words), words.join(' ')).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^berth: Specify /),
      });
    }
    expect(await shares()).toEqual([]);
  });
});

describe('a share', () => {
  test('is created once by repeated requests', async () => {
    const first = await share(web, linus);
    const { id: person } = await berth.as('linus').me();
    expect(await share(web, { kind: 'person', person })).toEqual(first);
    const expiresAt = '2999-01-01T00:00:00.000Z';
    expect(await share(web, linus, demo.id, { expiresAt })).toEqual({ ...first, expiresAt });
    expect(await shares()).toEqual([{ ...first, expiresAt }]);
  });

  test('needs another, existing person, an existing app, and a later end', async () => {
    await expect(share(web, { kind: 'person', person: 'nobody' })).rejects.toEqual(refusal('not_found'));
    await expect(share(web, { kind: 'person', person: 'ada' })).rejects.toEqual(refusal('invalid_request'));
    await expect(share({ kind: 'app', app: 'none' }, linus)).rejects.toEqual(refusal('not_found'));
    const over = { expiresAt: '2020-01-01T00:00:00.000Z' };
    await expect(share(web, linus, demo.id, over)).rejects.toEqual(refusal('invalid_request'));
    expect(await shares()).toEqual([]);
  });

  test('is refused beyond fifty shares', async () => {
    const { id } = await given('many', 'open');
    for (let port = 1; port <= 50; port += 1) await share({ kind: 'port', port }, linus, id);
    await expect(share(web, linus, id)).rejects.toEqual(refusal('quota_exceeded'));
    await share({ kind: 'port', port: 50 }, linus, id);
    expect(await shares(id)).toHaveLength(50);
    expect((await berth.as('linus').listShared()).items[0]?.ports).toHaveLength(50);
  });

  test('is limited by the template, when it is created and later', async () => {
    const { id: closed } = await given('closed', 'closed');
    await expect(share(web, linus, closed)).rejects.toEqual(refusal('forbidden'));
    await expect(share(whole, linus, closed)).rejects.toEqual(refusal('forbidden'));

    const { id } = await given('usual');
    await expect(share(web, { kind: 'everyone' }, id)).rejects.toEqual(refusal('forbidden'));
    await expect(share(whole, { kind: 'group', group: 'engineering' }, id)).rejects.toEqual(refusal('forbidden'));
    await share(web, linus, id);
    await hosts.ticketOf('linus', id, toWeb);
    const file = `${templates.usual}sharing: { apps: none }\n`;
    const { version } = await berth.as('grace').publishTemplate({ params: { template: 'usual' }, body: { file } });
    await untilStatus(berth.as('ada'), id, 'running');
    await berth.as('ada').startWorkspace({ params: { workspace: id }, body: { version } });
    await expect(hosts.ticketOf('linus', id, toWeb)).rejects.toEqual(refusal('not_found'));
    expect((await berth.as('linus').listShared()).items).toEqual([]);
    expect(await shares(id)).toEqual([
      expect.objectContaining({ active: false, inactive: expect.stringContaining('nobody') }),
    ]);
  });

  test('is created by the owner; admins may list and revoke, auditors list', async () => {
    const params = { workspace: demo.id };
    const body = { what: web, with: linus };
    await expect(berth.as('grace').createShare({ params, body })).rejects.toEqual(refusal('forbidden'));
    const { id } = await share(web, linus);
    for (const reader of ['grace', 'sam'] as const)
      expect((await berth.as(reader).listShares({ params })).items).toHaveLength(1);
    await expect(berth.as('linus').listShares({ params })).rejects.toEqual(refusal('not_found'));
    await expect(berth.as('sam').revokeShare({ params: { ...params, share: id } })).rejects.toEqual(
      refusal('forbidden'),
    );
    await berth.as('grace').revokeShare({ params: { ...params, share: id } });
    await expect(berth.as('grace').revokeShare({ params: { ...params, share: id } })).rejects.toEqual(
      refusal('not_found'),
    );
  });

  test('is audited with the people who created and revoked it', async () => {
    const made = await share(web, linus);
    await revoke(made);
    const { items } = await berth.runtime.rules.table.query({ pk: `audit#${demo.id}`, reverse: true, limit: 2 });
    const [revoked, created] = items.map((item) => item['event'] as unknown as AuditEvent);
    const { id: actor } = await berth.as('ada').me();
    const { id: person } = await berth.as('linus').me();
    const details = { share: made.id, what: 'app web', with: `person ${person}` };
    expect(created).toMatchObject({ action: 'share.create', actor, details });
    expect(revoked).toMatchObject({ action: 'share.revoke', actor, details });
  });

  test('with everyone is open to everyone who is signed in', async () => {
    await share(web, { kind: 'everyone' });
    const { host, cookie } = await hosts.signIn('sam', demo.id, toWeb);
    expect((await hosts.send(host, '/', { cookie })).status).toBe(200);
    expect((await hosts.send(host, '/')).status).toBe(401);
  });
});
