import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionPath } from '../../contracts/sessions/session.ts';
import {
  type Berth,
  busyMachineMs,
  cleanUp,
  givenBerth,
  givenWorkspace,
  isAlive,
  open,
  untilReady,
  type Workspace,
} from '../testing/harness.ts';
import { givenSessionOf, Session, type Start } from '../testing/session.ts';

let berth: Berth;
let workspace: Workspace;

beforeEach(async () => {
  berth = await givenBerth();
  workspace = await givenWorkspace(berth);
  berth.rules.bearers.set('token-of-ada', 'ada');
  await untilReady(berth);
});
afterEach(cleanUp);

const bearer = { authorization: 'Bearer token-of-ada' };

const givenSession = (kind: 'terminal' | 'exec', start: Start = {}) =>
  givenSessionOf(berth, workspace.name, kind, start);

describe('exec', () => {
  it('separates stdout and stderr, and reports the exit code', async () => {
    const session = await givenSession('exec', { command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] });
    await session.exit().toEqual({ type: 'exit', code: 7 });
    expect(session.text('stdout')).toBe('out\n');
    expect(session.text('stderr')).toBe('err\n');
  });

  it('runs the command itself, not a shell', async () => {
    const session = await givenSession('exec', { command: ['echo', '$HOME; id', '*'] });
    await session.exit().toMatchObject({ code: 0 });
    expect(session.text()).toBe('$HOME; id *\n');
  });

  it('transfers 50 MB unchanged', async () => {
    const session = await givenSession('exec', { command: ['cat'] });
    const data = randomBytes(50 * 1024 * 1024);
    for (let at = 0; at < data.length; at += 65_536) session.type(data.subarray(at, at + 65_536));
    session.send({ type: 'eof' });
    await session.exit(90_000).toEqual({ type: 'exit', code: 0 });
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(session.bytes())).toBe(hash(data));
  });

  it('waits for a client that does not read', async () => {
    const session = await givenSession('exec', { command: ['sh', '-c', 'yes | head -c 200000000; echo end >&2'] });
    await expect.poll(() => session.bytes().length).toBeGreaterThan(0);
    session.socket.pause();
    const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${workspace.agent.pid}/status`, 'utf8'))?.[1]);
    const readings = [rss()];
    const hasSettled = () => readings.push(rss()) > 1 && readings.at(-1) === readings.at(-2);
    await expect.poll(hasSettled, { interval: 200 }).toBe(true);
    expect(readings.at(-1)).toBeLessThan(200_000);
    session.socket.resume();
    await session.exit(90_000).toEqual({ type: 'exit', code: 0 });
    expect(session.bytes()).toHaveLength(200_000_000);
  });

  it('of a missing command reports that, with the exit code of shells', async () => {
    const session = await givenSession('exec', { command: ['no-such-command'] });
    await session.exit().toEqual({ type: 'exit', code: 127 });
    expect(session.replies).toContainEqual({
      type: 'error',
      message: expect.stringContaining('no-such-command: command not found'),
    });
  });

  it('sends signals to the whole process group', async () => {
    const session = await givenSession('exec', { command: ['sh', '-c', 'echo up; sleep 300; echo never'] });
    await expect.poll(() => session.text()).toBe('up\n');
    session.send({ type: 'signal', signal: 'SIGINT' });
    await session.exit().toEqual({ type: 'exit', code: 130, signal: 'SIGINT' });
  });

  it('ends its command when the connection is closed', async () => {
    const session = await givenSession('exec', {
      command: ['sh', '-c', 'trap "" HUP TERM; sleep 300 & echo $! > child; echo up; wait'],
    });
    await expect.poll(() => session.text()).toBe('up\n');
    session.socket.terminate();
    const child = readFileSync(join(workspace.home, 'child'), 'utf8').trim();
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  it('refuses an unknown message', async () => {
    const opened = await open(berth, berth.domain, sessionPath(workspace.name, 'exec'), bearer);
    if (!('socket' in opened)) throw new Error('refused');
    const session = new Session(opened.socket);
    opened.socket.send('{"type":"start","shell":true}');
    await expect.poll(() => session.replies[0]?.type).toBe('error');
  });

  it('finds programs in folders that the template prepends to PATH', async () => {
    const setup = { env: { PATH: '/opt/tools/bin:$PATH' }, startup: 'echo "$PATH" > startup-path; command -v cat' };
    workspace = await givenWorkspace(berth, setup);
    await expect.poll(() => berth.gateway.connected()).toContain(workspace.id);
    await expect.poll(() => existsSync(join(workspace.home, 'startup-path'))).toBe(true);
    const session = await givenSession('exec', { command: ['sh', '-c', 'command -v cat >/dev/null && echo "$PATH"'] });
    await session.exit().toEqual({ type: 'exit', code: 0 });
    expect(session.text()).toContain('/opt/tools/bin:');
    expect(session.text()).toBe(readFileSync(join(workspace.home, 'startup-path'), 'utf8'));
  });

  it('counts as activity', async () => {
    const session = await givenSession('exec', { command: ['true'] });
    await session.exit().toMatchObject({ code: 0 });
    await expect.poll(() => berth.rules.activity.length).toBe(1);
  });
});

describe('a terminal', () => {
  it('is a login shell in the home, of the requested size', async () => {
    const session = await givenSession('terminal', { columns: 101, rows: 33 });
    session.type('stty size; pwd; echo "term=$TERM"\r');
    await expect.poll(() => session.text()).toContain('33 101');
    await expect.poll(() => session.text()).toContain(workspace.home);
    await expect.poll(() => session.text()).toContain('term=xterm-256color');
    session.send({ type: 'resize', columns: 60, rows: 20 });
    session.type('stty size\r');
    await expect.poll(() => session.text()).toContain('20 60');
    session.type('exit 5\r');
    await session.exit().toEqual({ type: 'exit', code: 5 });
  });

  it('with a name can be opened again, with its screen', async () => {
    const first = await givenSession('terminal', { terminal: 'main', columns: 80, rows: 24 });
    first.type('X=still-set; echo "before-$((40+2))"\r');
    await expect.poll(() => first.text()).toContain('before-42');
    first.socket.terminate();
    const second = await givenSession('terminal', { terminal: 'main', columns: 90, rows: 30 });
    await expect.poll(() => second.text()).toContain('before-42');
    second.type('echo "X is $X"; stty size\r');
    await expect.poll(() => second.text()).toContain('X is still-set');
    await expect.poll(() => second.text()).toContain('30 90');
    expect(second.pid).toBe(first.pid);
  });

  it('with a name can have several viewers', async () => {
    const one = await givenSession('terminal', { terminal: 'shared' });
    const two = await givenSession('terminal', { terminal: 'shared' });
    await expect.poll(() => two.replies.length).toBe(1);
    one.type('echo "to-$((1+1))"\r');
    await expect.poll(() => two.text()).toContain('to-2');
    one.type('exit\r');
    await two.exit().toMatchObject({ code: 0 });
  });

  it('without a name ends with its connection', async () => {
    const session = await givenSession('terminal');
    session.type('echo $$ > shell; echo "ok-$((1+1))"\r');
    await expect.poll(() => session.text()).toContain('ok-2');
    const shell = readFileSync(join(workspace.home, 'shell'), 'utf8').trim();
    session.socket.terminate();
    await expect.poll(() => isAlive(shell)).toBe(false);
  });

  it('is refused with an explanation if the PTY module is missing', async () => {
    workspace = await givenWorkspace(berth, { agentEnv: { BERTH_AGENT_PTY: '/nowhere' } });
    await expect.poll(() => berth.gateway.connected()).toContain(workspace.id);
    const session = await givenSession('terminal');
    await expect
      .poll(() => session.replies)
      .toEqual([{ type: 'error', message: expect.stringContaining('A terminal cannot be opened') }]);
  });

  it('counts keystrokes as activity, but not an open tab', async () => {
    const session = await givenSession('terminal');
    await expect.poll(() => session.replies.length).toBe(1);
    const before = berth.rules.activity.length;
    expect(before).toBe(0);
    session.type('a');
    await expect.poll(() => berth.rules.activity.length).toBe(1);
  });

  it('has every keystroke recorded as activity', async () => {
    const session = await givenSession('terminal');
    for (let typed = 1; typed <= 40; typed += 1) {
      session.type('a');
      await expect.poll(() => berth.rules.activity.length, { interval: 5 }).toBe(typed);
    }
    expect(berth.log.filter((line) => line.includes('activity not recorded'))).toEqual([]);
  });

  it('leaves no process when the agent is stopped, background jobs included', async () => {
    const session = await givenSession('terminal', { terminal: 'jobs' });
    session.type('nohup sleep 303 & echo $! > job; echo "ok-$((1+1))"\r');
    await expect.poll(() => session.text()).toContain('ok-2');
    const job = readFileSync(join(workspace.home, 'job'), 'utf8').trim();
    expect(isAlive(job)).toBe(true);
    workspace.agent.kill('SIGTERM');
    expect(await workspace.ended).toBe(0);
    expect(isAlive(job)).toBe(false);
  });
});

describe('a session', () => {
  const path = () => sessionPath(workspace.name, 'exec');

  it('can be opened by a browser with a ticket, once', async () => {
    berth.rules.sessionTickets.set('t1', 'ada');
    const headers = { origin: `http://${berth.domain}` };
    const opened = await open(berth, berth.domain, path(), headers, ['berth', 'berth.ticket.t1']);
    expect('socket' in opened && opened.socket.protocol).toBe('berth');
    const again = await open(berth, berth.domain, path(), headers, ['berth', 'berth.ticket.t1']);
    expect(again).toMatchObject({ status: 401 });
  });

  it.each([
    ['another site', 'http://evil.example'],
    ['an app of the workspace itself', () => `http://web--demo1--ada.${berth.domain}`],
    ['a sandboxed frame', 'null'],
  ])('is refused to a page of %s', async (_, origin) => {
    berth.rules.sessionTickets.set('t1', 'ada');
    const headers = { origin: typeof origin === 'function' ? origin() : origin };
    const opened = await open(berth, berth.domain, path(), headers, ['berth', 'berth.ticket.t1']);
    expect(opened).toMatchObject({ status: 403 });
    expect(berth.rules.sessionTickets.has('t1')).toBe(true);
  });

  it.each([
    ['no credential', {}, 401, 'unauthenticated'],
    ['an unknown token', { authorization: 'Bearer forged' }, 401, 'unauthenticated'],
    ['another person’s token', { authorization: 'Bearer token-of-linus' }, 404, 'not_found'],
  ])('with %s is refused as a problem', async (_, headers, status, error) => {
    berth.rules.bearers.set('token-of-linus', 'linus');
    const opened = await open(berth, berth.domain, path(), headers);
    expect(opened).toMatchObject({ status, body: expect.stringContaining(`/errors/${error}`) });
  });

  it('with a stopped workspace is refused with a remedy', async () => {
    workspace.over = true;
    workspace.status = 'stopped';
    berth.gateway.disconnect(workspace.id);
    await workspace.ended;
    const opened = await open(berth, berth.domain, path(), bearer);
    expect(opened).toMatchObject({ status: 409, body: expect.stringContaining('Start it first') });
  });

  it.each([
    ['the token is revoked', () => berth.rules.bearers.delete('token-of-ada'), /unauthenticated/],
    ['the workspace is deleted', () => berth.rules.workspaces.splice(0), /not_found/],
  ])('is closed with the reason when %s', async (_, revoke, reason) => {
    const session = await givenSession('exec', { command: ['sleep', '300'] });
    await expect.poll(() => session.replies.length).toBe(1);
    const closed = once(session.socket, 'close');
    const revoked = Date.now();
    revoke();
    const [code, text] = await closed;
    expect(Date.now() - revoked).toBeLessThan(busyMachineMs);
    expect(code).toBe(1008);
    expect(String(text)).toMatch(reason);
  });

  it('shares one check a second with all others of the person in the workspace', async () => {
    for (let n = 0; n < 10; n += 1) await givenSession('exec', { command: ['sleep', '300'] });
    const before = berth.rules.checks;
    const since = Date.now();
    await expect.poll(() => berth.rules.checks - before).toBeGreaterThanOrEqual(3);
    const checks = berth.rules.checks - before;
    expect(Date.now() - since).toBeGreaterThan((checks - 1) * 850);
  });

  it('is closed when the agent is disconnected', async () => {
    const session = await givenSession('exec', { command: ['sleep', '300'] });
    await expect.poll(() => session.replies.length).toBe(1);
    berth.gateway.disconnect(workspace.id);
    await expect.poll(() => session.socket.readyState).toBe(3);
  });
});
