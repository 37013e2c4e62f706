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
  const create = (name: string) => berth.as('ada').createWorkspace({ body: { name, template: name } });
  const { id } = await create('strict');
  const { id: other } = await create('usual');
  usual = await untilHealthy(berth, 'ada', other);
  strict = await untilHealthy(berth, 'ada', id);
});
afterAll(() => berth.end());

const setForInstallation = (browserOnly: boolean): void => {
  const { installation } = berth.runtime.rules;
  if (installation !== undefined) installation.browserOnly = browserOnly;
};
afterEach(() => setForInstallation(false));

const paths: Record<SessionKind, Parameters<typeof sessionPath>[1]> = {
  terminal: 'terminal',
  exec: 'exec',
  ssh: 'ssh',
  port: 'port/3000',
  ports: 'ports',
};
const urlOf = (workspace: Workspace, kind: SessionKind) =>
  berth.url.replace('http', 'ws') + sessionPath(workspace.id, paths[kind]);

const openWithToken = (workspace: Workspace, kind: SessionKind) =>
  new WebSocket(urlOf(workspace, kind), { headers: { authorization: `Bearer ${berth.tokenOf('ada')}` } });

const openWithTicket = async (workspace: Workspace, kind: SessionKind, ada = berth.signedInAs('ada')) => {
  const { ticket } = await ada.createTicket({ params: { workspace: workspace.id }, body: { for: 'session' } });
  const headers = { origin: berth.url };
  return new WebSocket(urlOf(workspace, kind), [sessionProtocol, ticketProtocolPrefix + ticket], { headers });
};

const untilOpen = async (socket: WebSocket): Promise<unknown> =>
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
  test('has the field browserOnly', async () => {
    expect([strict.browserOnly, usual.browserOnly]).toEqual([true, false]);
  });

  test.each(['exec', 'ssh', 'port', 'ports', 'terminal'] as const)(
    'refuses %s with an API token, which is audited',
    async (kind) => {
      expect(await refusalOf(openWithToken(strict, kind))).toContain('403');
      expect(await refusals(1)).toEqual([['access.refuse', strict.id]]);
    },
  );

  test.each(['exec', 'ssh', 'port', 'ports'] as const)('refuses %s with a ticket', async (kind) => {
    expect(await refusalOf(await openWithTicket(strict, kind))).toContain('403');
  });

  test.each([{ for: 'session' }, { for: 'app', app: 'web' }, { for: 'port', port: 0 }] as const)(
    'does not issue a ticket to an API token: %o',
    async (body) => {
      const target = body.for === 'port' ? { ...body, port: declared } : body;
      const ticket = berth.as('ada').createTicket({ params: { workspace: strict.id }, body: target });
      await expect(ticket).rejects.toMatchObject({
        error: 'forbidden',
        message: expect.stringContaining('in the portal'),
      });
      expect(await refusals(1)).toEqual([['access.refuse', strict.id]]);
    },
  );

  test('opens the portal’s terminal, its apps, and an app by its port', async () => {
    const terminal = await openWithTicket(strict, 'terminal');
    await once(terminal, 'open');
    terminal.terminate();
    for (const target of [{ for: 'app', app: 'web' } as const, { for: 'port', port: declared } as const]) {
      const { host, cookie } = await hosts.signIn('ada', strict.id, target);
      expect((await hosts.send(host, '/', { cookie })).body).toBe(`web ${declared}`);
    }
  });

  test('opens no other port', async () => {
    const ticket = hosts.ticketOf('ada', strict.id, { for: 'port', port: undeclared });
    await expect(ticket).rejects.toMatchObject({
      error: 'forbidden',
      message: expect.stringContaining('browser-only'),
    });
    expect(await refusals(1)).toEqual([['access.refuse', strict.id]]);
  });

  test('is reported by the command line', async () => {
    const env = { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') };
    const cli = (...args: string[]) => runCli(args, env);
    expect((await cli('show', 'strict')).out).toContain('Browser-only');
    expect((await cli('show', 'usual')).out).not.toContain('Browser-only');
    const ended = await cli('exec', 'strict', '--', 'true');
    expect(ended).toMatchObject({ code: 1, err: expect.stringMatching(/browser-only.*in the portal/) });
  });
});

describe('a browser-only installation', () => {
  test('makes every workspace browser-only', async () => {
    setForInstallation(true);
    const { id } = usual;
    expect((await berth.as('ada').getWorkspace({ params: { workspace: id } })).browserOnly).toBe(true);
    expect(await refusalOf(openWithToken(usual, 'exec'))).toContain('403');
  });

  test('makes shares of other ports inactive', async () => {
    const params = { workspace: usual.id };
    const body = { what: { kind: 'port', port: undeclared }, with: { kind: 'person', person: 'linus' } } as const;
    await berth.as('ada').createShare({ params, body });
    const shared = async () => (await berth.as('linus').listShared()).items;
    expect(await shared()).toHaveLength(1);
    setForInstallation(true);
    expect(await shared()).toEqual([]);
    const { items } = await berth.as('ada').listShares({ params });
    expect(items).toMatchObject([{ active: false, inactive: expect.stringContaining('browser-only') }]);
    await expect(berth.as('ada').createShare({ params, body })).rejects.toMatchObject({ error: 'forbidden' });
  });

  test('ends open connections except the portal’s terminal', async () => {
    const terminalOfToken = await openWithTicket(usual, 'terminal', berth.as('ada'));
    const open = [
      openWithToken(usual, 'exec'),
      openWithToken(usual, 'terminal'),
      await openWithTicket(usual, 'exec'),
      terminalOfToken,
    ];
    const portalTerminal = await openWithTicket(usual, 'terminal');
    await Promise.all([...open, portalTerminal].map(untilOpen));
    const app = { for: 'app', app: 'web' } as const;
    const byToken = await appHosts(berth).signIn('ada', usual.id, app);
    const closing = [await hosts.signIn('ada', usual.id, { for: 'port', port: undeclared }), byToken];
    const own = await hosts.signIn('ada', usual.id, app);
    const statuses = (all: typeof closing) =>
      Promise.all(all.map(async ({ host, cookie }) => (await hosts.send(host, '/', { cookie })).status));
    expect(await statuses([own, ...closing])).toEqual([200, 502, 200]);
    open.push(await hosts.socket(byToken.host, byToken.cookie));
    const ended = Promise.all(open.map((socket) => once(socket, 'close')));
    setForInstallation(true);
    expect((await ended).map(([code]) => code)).toEqual([1008, 1008, 1008, 1008, 1006]);
    await expect.poll(() => statuses([own, ...closing])).toEqual([200, 403, 403]);
    expect(portalTerminal.readyState).toBe(WebSocket.OPEN);
    portalTerminal.terminate();
  });
});
