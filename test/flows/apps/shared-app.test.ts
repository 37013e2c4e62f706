import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { RouteInput } from '../../../contracts/routes/routes.ts';
import { untilStatus } from '../../support/berth.ts';
import { linus, refusal, sharingSuite, web, webTarget } from './sharing-suite.ts';

const suite = sharingSuite();
const { advanceClock, givenWorkspace, openExec, revoke, share, shares } = suite;

/** A revocation takes about a second; a busy machine takes longer. */
const withinMs = 5_000;

describe('an app shared with a person', () => {
  test('can be opened, also by its full name, and nothing else of the workspace can', async () => {
    await expect(suite.hosts.ticketOf('linus', suite.demo.id, webTarget)).rejects.toEqual(refusal('not_found'));
    const created = await share(web, linus);
    expect(created).toMatchObject({ active: true, url: suite.demo.apps[0]?.url, createdBy: 'ada' });

    const [seen, ...others] = (await suite.berth.as('linus').listShared()).items;
    expect(others).toEqual([]);
    const [shown] = suite.demo.apps;
    const { id, name, owner } = suite.demo;
    expect(seen).toEqual({ id, name, owner, status: 'running', apps: [shown], ports: [] });
    expect(await suite.berth.as('linus').getShared({ params: { workspace: 'demo--ada' } })).toEqual(seen);

    const { host, cookie } = await suite.hosts.signIn('linus', 'demo--ada', webTarget);
    expect(await suite.hosts.send(host, '/', { cookie })).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^web /),
    });
  });

  test('gives access to no other app, port, session or route', async () => {
    const created = await share(web, linus);
    const as = suite.berth.as('linus');
    const params = { workspace: suite.demo.id };
    const ticket = (body: RouteInput<'createTicket'>['body']) => as.createTicket({ params, body });
    const attempts: (() => Promise<unknown>)[] = [
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
      () => as.revokeShare({ params: { ...params, share: created.id } }),
    ];
    for (const attempt of attempts) await expect(attempt(), String(attempt)).rejects.toEqual(refusal('not_found'));
    await expect(openExec(suite.demo.id, 'linus')).rejects.toThrow('404');
  });

  test('is opened by a ticket and a cookie that open no other host', async () => {
    await share(web, linus);
    const { host, cookie } = await suite.hosts.signIn('linus', suite.demo.id, webTarget);
    const other = host.replace('web--', 'other--');
    expect((await suite.hosts.send(other, '/', { cookie })).status).toBe(401);
    const { ticket } = await suite.hosts.ticketOf('linus', suite.demo.id, webTarget);
    expect((await suite.hosts.post(other, ticket)).status).toBe(401);
  });

  test('is closed about a second after a revocation, and no old ticket or cookie opens it again', async () => {
    const created = await share(web, linus);
    const own = await suite.hosts.signIn('ada', suite.demo.id, webTarget);
    const ownSocket = await suite.hosts.socket(own.host, own.cookie);
    const { host, cookie } = await suite.hosts.signIn('linus', suite.demo.id, webTarget);
    const socket = await suite.hosts.socket(host, cookie);
    const stream = await suite.hosts.begin(host, '/stream', { cookie });
    await once(stream, 'data');
    const late = await suite.hosts.ticketOf('linus', suite.demo.id, webTarget);

    const at = Date.now();
    const ended = Promise.all([once(socket, 'close'), expect(text(stream)).rejects.toThrow()]);
    await revoke(created);
    await ended;
    expect(Date.now() - at).toBeLessThan(withinMs);
    expect((await suite.hosts.send(host, '/', { cookie })).status).toBe(404);
    expect((await suite.hosts.post(host, late.ticket)).status).toBe(404);
    expect(ownSocket.readyState).toBe(WebSocket.OPEN);
    ownSocket.terminate();
  });

  test('is the only one that its revocation closes; other shared apps stay open', async () => {
    const created = await share(web, linus);
    await share({ kind: 'app', app: 'other' }, linus);
    const open = async (app: string) => {
      const { host, cookie } = await suite.hosts.signIn('linus', suite.demo.id, { for: 'app', app });
      return suite.hosts.socket(host, cookie);
    };
    const otherSocket = await open('other');
    const closed = once(await open('web'), 'close');
    await revoke(created);
    await closed;
    expect(otherSocket.readyState).toBe(WebSocket.OPEN);
    otherSocket.terminate();
  });

  test('shows that only the owner can start its workspace', async () => {
    const { id } = await givenWorkspace('resting');
    await untilStatus(suite.berth.as('ada'), id, 'running');
    await share(web, linus, id);
    await suite.berth.as('ada').stopWorkspace({ params: { workspace: id } });
    await untilStatus(suite.berth.as('ada'), id, 'stopped');
    const pageFor = async (person: 'ada' | 'linus') => {
      const { host, cookie } = await suite.hosts.signIn(person, id, webTarget);
      return (await suite.hosts.send(host, '/', { cookie, accept: 'text/html' })).body;
    };
    expect(await pageFor('ada')).toContain(`${id}?start=1`);
    const shown = await pageFor('linus');
    expect(shown).toContain('Ask its owner');
    expect(shown).not.toContain(id);
  });

  test('is closed when the share expires', async () => {
    const expiresAt = new Date(suite.berth.runtime.rules.clock().getTime() + 60_000).toISOString();
    await share(web, linus, suite.demo.id, { expiresAt });
    const { host, cookie } = await suite.hosts.signIn('linus', suite.demo.id, webTarget);
    const closed = once(await suite.hosts.socket(host, cookie), 'close');
    advanceClock(2);
    await closed;
    expect((await suite.hosts.send(host, '/', { cookie })).status).toBe(404);
    expect(await shares()).toEqual([expect.objectContaining({ active: false })]);
  });
});
