import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { AuditEvent } from '../../../contracts/audit.ts';
import {
  type SessionKind,
  sessionPath,
  sessionProtocol,
  ticketProtocolPrefix,
} from '../../../contracts/sessions/session.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { givenBerth, givenTemplates, type TestBerth } from '../../support/berth.ts';
import { appHosts, appsTemplate, untilHealthy } from '../../support/clients/app-hosts.ts';
import { runCli } from '../../support/clients/cli.ts';
import { freePort } from '../../support/free-port.ts';

let berth: TestBerth;
let hosts: ReturnType<typeof appHosts>;
let declared: number;
let undeclared: number;
let strict: Workspace;
let usual: Workspace;
beforeAll(async () => {
  [declared, undeclared] = [await freePort(), await freePort()];
  const fixed = (text: string) => text.replace('{ name: web,', `{ name: web, port: ${declared},`);
  const templates = {
    strict: `${fixed(appsTemplate('strict'))}browserOnly: true\n`,
    usual: appsTemplate('usual'),
  };
  berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
  hosts = appHosts({ ...berth, as: berth.signedInAs });
  const made = (name: string) => berth.as('ada').createWorkspace({ body: { name, template: name } });
  const { id } = await made('strict');
  const { id: other } = await made('usual');
  usual = await untilHealthy(berth, 'ada', other);
  strict = await untilHealthy(berth, 'ada', id);
});
afterAll(() => berth.end());

const forAll = (browserOnly: boolean): void => {
  const { installation } = berth.runtime.rules;
  if (installation !== undefined) installation.browserOnly = browserOnly;
};
afterEach(() => forAll(false));

const paths: Record<SessionKind, Parameters<typeof sessionPath>[1]> = {
  terminal: 'terminal',
  exec: 'exec',
  ssh: 'ssh',
  port: 'port/3000',
  ports: 'ports',
};
const addressOf = (workspace: Workspace, kind: SessionKind) =>
  berth.url.replace('http', 'ws') + sessionPath(workspace.id, paths[kind]);

const byBearer = (workspace: Workspace, kind: SessionKind) =>
  new WebSocket(addressOf(workspace, kind), { headers: { authorization: `Bearer ${berth.tokenOf('ada')}` } });

const byTicket = async (workspace: Workspace, kind: SessionKind, ada = berth.signedInAs('ada')) => {
  const { ticket } = await ada.createTicket({ params: { workspace: workspace.id }, body: { for: 'session' } });
  const headers = { origin: berth.url };
  return new WebSocket(addressOf(workspace, kind), [sessionProtocol, ticketProtocolPrefix + ticket], { headers });
};

const opened = async (socket: WebSocket): Promise<unknown> =>
  socket.readyState === WebSocket.OPEN || once(socket, 'open');

const refusalOf = async (socket: WebSocket): Promise<string> => {
  const [error] = (await once(socket, 'error')) as [Error];
  return error.message;
};

const refusals = async (count: number) => {
  const { id } = await berth.as('ada').me();
  const { items } = await berth.runtime.rules.table.query({ pk: `audit#${id}`, reverse: true, limit: count });
  return items
    .map((item) => item['event'] as unknown as AuditEvent)
    .map(({ action, details }) => [action, details['subject']]);
};

describe('a browser-only workspace', () => {
  test('says so', async () => {
    expect([strict.browserOnly, usual.browserOnly]).toEqual([true, false]);
  });

  test.each(['exec', 'ssh', 'port', 'ports', 'terminal'] as const)(
    'takes no %s by a token, which is on record',
    async (kind) => {
      expect(await refusalOf(byBearer(strict, kind))).toContain('403');
      expect(await refusals(1)).toEqual([['access.refuse', strict.id]]);
    },
  );

  test.each(['exec', 'ssh', 'port', 'ports'] as const)('takes no %s by a ticket, either', async (kind) => {
    expect(await refusalOf(await byTicket(strict, kind))).toContain('403');
  });

  test.each([{ for: 'session' }, { for: 'app', app: 'web' }, { for: 'port', port: 0 }] as const)(
    'gives an API token no ticket for a script to come in by: %o',
    async (body) => {
      const wanted = body.for === 'port' ? { ...body, port: declared } : body;
      const ticket = berth.as('ada').createTicket({ params: { workspace: strict.id }, body: wanted });
      await expect(ticket).rejects.toMatchObject({
        error: 'forbidden',
        message: expect.stringContaining('in the portal'),
      });
      expect(await refusals(1)).toEqual([['access.refuse', strict.id]]);
    },
  );

  test('has the portal’s terminal, its apps, and an app by its port', async () => {
    const terminal = await byTicket(strict, 'terminal');
    await once(terminal, 'open');
    terminal.terminate();
    for (const target of [{ for: 'app', app: 'web' } as const, { for: 'port', port: declared } as const]) {
      const { host, cookie } = await hosts.signIn('ada', strict.id, target);
      expect((await hosts.send(host, '/', { cookie })).body).toBe(`web ${declared}`);
    }
  });

  test('has no other port', async () => {
    const ticket = hosts.ticketOf('ada', strict.id, { for: 'port', port: undeclared });
    await expect(ticket).rejects.toMatchObject({
      error: 'forbidden',
      message: expect.stringContaining('browser-only'),
    });
    expect(await refusals(1)).toEqual([['access.refuse', strict.id]]);
  });

  test('is told in the command line', async () => {
    const env = { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') };
    const cli = (...words: string[]) => runCli(words, env);
    expect((await cli('show', 'strict')).out).toContain('Browser-only');
    expect((await cli('show', 'usual')).out).not.toContain('Browser-only');
    const ended = await cli('exec', 'strict', '--', 'true');
    expect(ended).toMatchObject({ code: 1, err: expect.stringMatching(/browser-only.*in the portal/) });
  });
});

describe('an installation that is browser-only', () => {
  test('is so for every workspace', async () => {
    forAll(true);
    const { id } = usual;
    expect((await berth.as('ada').getWorkspace({ params: { workspace: id } })).browserOnly).toBe(true);
    expect(await refusalOf(byBearer(usual, 'exec'))).toContain('403');
  });

  test('takes what was shared of other ports out of use', async () => {
    const params = { workspace: usual.id };
    const body = { what: { kind: 'port', port: undeclared }, with: { kind: 'person', person: 'linus' } } as const;
    await berth.as('ada').createShare({ params, body });
    const shared = async () => (await berth.as('linus').listShared()).items;
    expect(await shared()).toHaveLength(1);
    forAll(true);
    expect(await shared()).toEqual([]);
    const { items } = await berth.as('ada').listShares({ params });
    expect(items).toMatchObject([{ active: false, inactive: expect.stringContaining('browser-only') }]);
    await expect(berth.as('ada').createShare({ params, body })).rejects.toMatchObject({ error: 'forbidden' });
  });

  test('ends what is open, and leaves the terminal of the portal open', async () => {
    const ofToken = await byTicket(usual, 'terminal', berth.as('ada'));
    const open = [byBearer(usual, 'exec'), byBearer(usual, 'terminal'), await byTicket(usual, 'exec'), ofToken];
    const kept = await byTicket(usual, 'terminal');
    await Promise.all([...open, kept].map(opened));
    const app = { for: 'app', app: 'web' } as const;
    const byToken = await appHosts(berth).signIn('ada', usual.id, app);
    const shut = [await hosts.signIn('ada', usual.id, { for: 'port', port: undeclared }), byToken];
    const own = await hosts.signIn('ada', usual.id, app);
    const answers = (all: typeof shut) =>
      Promise.all(all.map(async ({ host, cookie }) => (await hosts.send(host, '/', { cookie })).status));
    expect(await answers([own, ...shut])).toEqual([200, 502, 200]);
    open.push(await hosts.socket(byToken.host, byToken.cookie));
    const ended = Promise.all(open.map((socket) => once(socket, 'close')));
    forAll(true);
    expect((await ended).map(([code]) => code)).toEqual([1008, 1008, 1008, 1008, 1006]);
    await expect.poll(() => answers([own, ...shut])).toEqual([200, 403, 403]);
    expect(kept.readyState).toBe(WebSocket.OPEN);
    kept.terminate();
  });
});
