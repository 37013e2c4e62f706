import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setInterval as ticks } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { channel, sessionPath } from '../../../contracts/sessions/session.ts';
import { chromiumPath, launch } from '../../browser/browser.ts';
import { optional } from '../../requirements.ts';
import { scriptTemplate } from '../../support/apps/script-template.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { appHosts, untilHealthy } from '../../support/clients/app-hosts.ts';
import { givenMachine, isInstalled } from '../../support/clients/ssh.ts';
import { freePort } from '../../support/free-port.ts';

const idleMs = 8_000;
const stop = `stop: { idleTimeout: ${idleMs / 1_000}s }`;
/** A page that polls and redraws all the time. */
const polling = `
  const page = '<!doctype html><title>Live</title><body><input id=name><p id=count>0</p><script>' +
    'let n = 0; setInterval(async () => { await fetch("/poll?" + n); document.getElementById("count").textContent = ++n }, 250)</script>';
  require('node:http').createServer((q, s) => {
    s.setHeader('content-type', 'text/html');
    s.end(q.url === '/' ? page : 'ok');
  }).listen(process.env.BERTH_APP_WEB_PORT, '127.0.0.1');
`;
const templates = {
  idle: `name: idle\ncompute: { kind: process }\n${stop}\n`,
  live: scriptTemplate('live', polling, { apps: '[{ name: web, health: { every: 1s } }]', more: stop }),
};

let berth: TestBerth;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
});
afterAll(() => berth.end());

const givenWorkspace = async (name: string, template = 'idle') => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name, template } });
  await untilStatus(berth.as('ada'), id, 'running');
  return id;
};
const workspaceOf = (id: string) => berth.as('ada').getWorkspace({ params: { workspace: id } });

/** Acts for longer than the idle timeout, and expects that the workspace still runs. */
const keepsRunning = async (id: string, act: (turn: number) => unknown) => {
  const end = Date.now() + 1.5 * idleMs;
  for await (const turn of ticks(300, { n: 0 }, undefined)) {
    turn.n += 1;
    await act(turn.n);
    if (Date.now() > end) break;
  }
  const { status, stop: at } = await workspaceOf(id);
  expect(status).toBe('running');
  expect(Date.parse(at?.at ?? '')).toBeGreaterThan(Date.now());
};

/** Expects that the workspace stops by itself, whatever programs do meanwhile. */
const stopsByItself = async (id: string) => {
  const stopped = await untilStatus(berth.as('ada'), id, 'stopped');
  expect(stopped.build.reason).toBe('autostop');
};

/** Sends the same bytes repeatedly, like a program without a user, until the test ends. */
const sendForever = (send: () => void, everyMs = 250) => {
  const timer = setInterval(send, everyMs);
  onTestFinished(() => clearInterval(timer));
};

describe.concurrent('a workspace', { timeout: 60_000 }, () => {
  test('stops despite an open terminal that prints, is resized, reconnects, and whose emulator responds', async () => {
    const id = await givenWorkspace('terminal');
    const open = async () => {
      const socket = new WebSocket(berth.url.replace('http', 'ws') + sessionPath(id, 'terminal'), {
        headers: { authorization: `Bearer ${berth.tokenOf('ada')}` },
      });
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'start', terminal: 'main', columns: 80, rows: 24 }));
      return socket;
    };
    const type = (socket: WebSocket, text: string) =>
      socket.send(Buffer.concat([Buffer.of(channel.stdin), Buffer.from(text)]));
    let socket = await open();
    await keepsRunning(id, () => type(socket, 'x'));
    type(socket, '\x15while sleep 0.1; do date; done\r');
    sendForever(() => {
      type(socket, '\x1b[24;80R\x1b[?62;22c');
      socket.send(JSON.stringify({ type: 'resize', columns: 81, rows: 24 }));
    });
    socket.close();
    socket = await open();
    socket.on('error', () => undefined);
    await stopsByItself(id);
  });

  test('stops despite polling through a forwarded port, and not while a person uses it', async () => {
    const id = await givenWorkspace('port');
    const server = createServer((one) => one.on('data', () => one.write('ok')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const remote = (server.address() as AddressInfo).port;
    const local = await freePort();
    const machine = givenMachine(berth);
    const forward = machine.berth('port-forward', 'port', `${local}:${remote}`);
    onTestFinished(() => void forward.kill());
    await once(forward.stdout ?? forward, 'data');
    const socket: Socket = connect(local, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    await keepsRunning(id, (turn) => socket.write('k'.repeat(40 + ((turn * 13) % 57))));
    sendForever(() => socket.write('GET /poll HTTP/1.1\r\n\r\n'));
    await stopsByItself(id);
  });

  test.runIf(optional('Activity over SSH', isInstalled('ssh'), 'Install Debian’s openssh-client.'))(
    'stops despite polling and keep-alive through SSH, and not while a person types',
    async () => {
      const id = await givenWorkspace('shell');
      const machine = givenMachine(berth);
      const shell = machine.ssh('-tt', '-oServerAliveInterval=1', 'shell.berth', 'cat > typed');
      onTestFinished(() => void shell.kill());
      await keepsRunning(id, () => shell.stdin?.write('x'));
      const local = await freePort();
      const remote = await freePort();
      const server = createServer((one) => one.on('data', () => one.write('ok')).on('error', () => undefined));
      server.listen(remote, '127.0.0.1');
      onTestFinished(() => void server.close());
      const args = ['-N', '-oServerAliveInterval=1', '-L', `${local}:127.0.0.1:${remote}`, 'shell.berth'];
      const forward = machine.ssh(...args);
      onTestFinished(() => void forward.kill());
      const connected = async () => {
        const socket = connect(local, '127.0.0.1');
        const [event] = await Promise.race([once(socket, 'connect').then(() => [socket]), once(socket, 'error')]);
        return event === socket ? socket : undefined;
      };
      const socket = await vi.waitUntil(connected, { timeout: 60_000 });
      socket.on('error', () => undefined);
      sendForever(() => socket.write('GET /poll HTTP/1.1\r\n\r\n'));
      await stopsByItself(id);
    },
  );

  describe.runIf(optional('Activity in pages', chromiumPath !== undefined, 'Install Chromium.'))('in a browser', () => {
    test('stops despite a polling page, and not while a person clicks or types in it', async () => {
      const id = await givenWorkspace('live', 'live');
      await untilHealthy(berth, 'ada', id);
      const { host, cookie } = await appHosts(berth).signIn('ada', id, { for: 'app', app: 'web' });
      const browser = await launch();
      onTestFinished(() => browser.close());
      const context = await browser.newContext();
      const [name = '', value = ''] = cookie.split('=');
      await context.addCookies([{ name, value, url: `http://${host}` }]);
      const page: Page = await context.newPage();
      await page.goto(`http://${host}/`);
      await page.locator('#name').click();
      await keepsRunning(id, (turn) => (turn % 2 === 0 ? page.keyboard.type('a') : page.mouse.wheel(0, 10)));
      const polls = () => page.locator('#count').textContent();
      const before = Number(await polls());
      await expect.poll(async () => Number(await polls())).toBeGreaterThan(before + 4);
      await stopsByItself(id);
    });
  });
});
