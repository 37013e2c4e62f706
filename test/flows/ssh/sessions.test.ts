import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { loadPty } from '../../../agent/processes/pty.ts';
import { PtyInput } from '../../../agent/processes/pty-input.ts';
import { optional } from '../../requirements.ts';
import { givenBerth, givenTemplates, type TestBerth, untilStatus } from '../../support/berth.ts';
import { ended, givenMachine, givenTcpProxy, isInstalled, type Machine } from '../../support/clients/ssh.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ready = optional('SSH with OpenSSH’s client', isInstalled('ssh'), 'Install Debian’s openssh-client.');
/** Activity is recorded when it is newer by a 24th of the idle timeout, which here is at once. */
const template =
  'name: plain\ncompute: { kind: process }\nstop: { idleTimeout: 30s }\nagent: { env: { PATH: "/opt/tools/bin:$PATH" } }\n';
const mebibyte = 1024 * 1024;

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.runIf(ready)('ssh', () => {
  let berth: TestBerth;
  let machine: Machine;
  let id: string;
  let home: string;
  beforeAll(async () => {
    berth = await givenBerth({ templateFolders: [givenTemplates({ plain: template })] });
    ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
    await untilStatus(berth.as('ada'), id, 'running');
    machine = givenMachine(berth);
    home = (await ssh('demo.berth', 'pwd')).out.trim();
  });
  afterAll(() => berth.end());

  const ssh = (...args: string[]) => ended(machine.ssh(...args), '');
  const inHome = (name: string) => readFileSync(join(home, name), { encoding: 'utf8', flag: 'a+' });

  test('a command has its three streams, its exit code, and its signal', async () => {
    expect(await ended(machine.ssh('demo.berth', 'cat; echo apart >&2; exit 7'), 'in\n')).toEqual({
      code: 7,
      out: 'in\n',
      err: 'apart\n',
    });
    // OpenSSH's client ends with 255 for every signal.
    expect((await ssh('demo.berth', 'kill -TERM $$')).code).toBe(255);
    expect((await ssh('demo.berth', 'no-such-command')).code).toBe(127);
  });

  test('it has the environment of the workspace, and from the client only the locale', async () => {
    const child = machine.run('ssh', [...machine.config, '-oSendEnv=LC_* EDITOR', 'demo.berth', 'env'], {
      env: { ...machine.env, LC_NAME: 'kept', EDITOR: 'dropped' },
    });
    const { out } = await ended(child, '');
    expect(out).toContain(`BERTH_WORKSPACE_ID=${id}`);
    expect(out).toContain('LC_NAME=kept');
    expect(out).not.toContain('EDITOR');
    expect(out).not.toContain('BERTH_AGENT');
    expect(out).toContain('SSH_CONNECTION=');
    expect(out).toContain(`HOME=${home}\n`);
  });

  test('a shell and a command have the same PATH, although the system’s profile sets another', async () => {
    // Debian's system profile sets PATH; the person's profile is read after it.
    writeFileSync(join(home, '.bash_profile'), 'export FROM_PROFILE=yes\n');
    const script = 'echo "$FROM_PROFILE <$PATH>"\n';
    const { out: command } = await ssh('demo.berth', 'echo "$PATH"');
    const path = command.trim();
    expect(path).toContain('/opt/tools/bin:');
    const { out: shell } = await ended(machine.ssh('-T', 'demo.berth'), script);
    expect(shell).toContain(`yes <${path}`);
    const { out: terminal } = await ended(machine.ssh('-tt', 'demo.berth'), `${script}exit\n`);
    expect(terminal).toContain(`yes <${path}`);
  });

  test('berth ssh runs the machine’s ssh with its options and a command', async () => {
    const child = machine.berth('ssh', 'demo', '--', '-T', 'echo "$BERTH_WORKSPACE_NAME"; exit 3');
    expect(await ended(child, '')).toEqual({ code: 3, out: 'demo\n', err: '' });
  });

  test('a terminal has the client’s type, modes and size, and follows its size', async () => {
    const command = `stty erase '^H' -ixon; exec ssh ${machine.config.join(' ')} demo.berth`;
    const options = { name: 'screen', cols: 91, rows: 31, cwd: machine.home, env: machine.env, encoding: null };
    const terminal = loadPty().spawn('sh', ['-c', command], options);
    let seen = '';
    const input = new PtyInput(terminal, () => {});
    const write = (text: string) => input.write(Buffer.from(text));
    terminal.onData((bytes) => {
      seen += bytes.toString();
    });
    write('stty -a; stty size; echo "is $TERM at $SSH_TTY"\n');
    await expect.poll(() => seen, { timeout: 60_000 }).toMatch(/is screen at \/dev\/pts/);
    expect(seen).toMatch(/erase = \^H;/);
    expect(seen).toMatch(/-ixon/);
    expect(seen).toMatch(/^31 91/m);
    terminal.resize(120, 44);
    write('while [ "$(stty size)" != "44 120" ]; do :; done; echo wide\n');
    await expect.poll(() => seen).toMatch(/^wide/m);
    const over = new Promise((resolve) => terminal.onExit(resolve));
    write('exit 5\n');
    expect(await over).toMatchObject({ exitCode: 5 });
  });

  test('bytes arrive unchanged in both directions, also when the connection is rekeyed', async () => {
    const bytes = randomBytes(64 * mebibyte);
    const folder = temporaryFolder();
    const file = join(folder, 'bytes');
    writeFileSync(file, bytes);
    const command = `ssh ${machine.config.join(' ')} -o RekeyLimit=16M demo.berth cat < ${file} | sha256sum`;
    const { out } = await ended(machine.run('sh', ['-c', command]));
    expect(out).toContain(sum(bytes));
  });

  test('stdout and stderr are not mixed when the client is slow', async () => {
    const half = 6 * mebibyte;
    const flood = (letter: string) => `head -c ${half} /dev/zero | tr '\\0' ${letter}`;
    const child = machine.ssh('demo.berth', `${flood('o')} & ${flood('e')} >&2; wait`);
    child.stdin?.end();
    // By then, both streams wait for flow control.
    await expect.poll(() => child.stdout?.readableLength, { timeout: 60_000 }).toBeGreaterThan(0);
    const { code, out, err } = await ended(child);
    expect({ code, out: out === 'o'.repeat(half), err: err === 'e'.repeat(half) }).toEqual({
      code: 0,
      out: true,
      err: true,
    });
  });

  test('many sessions share one connection', async () => {
    const path = join(temporaryFolder(), 'control');
    const master = machine.ssh('-M', '-S', path, '-N', 'demo.berth');
    onTestFinished(() => void master.kill());
    await expect
      .poll(async () => (await ssh('-S', path, '-O', 'check', 'demo.berth')).code, { timeout: 60_000 })
      .toBe(0);
    const commands = Array.from({ length: 20 }, (_, number) => `echo ${number}`);
    const all = await Promise.all(commands.map((command) => ssh('-S', path, 'demo.berth', command)));
    expect(all.map(({ out }) => out)).toEqual(commands.map((command) => `${command.slice(5)}\n`));
  });

  test('a command includes the output of background processes; nohup outlives a lost connection', async () => {
    expect((await ssh('demo.berth', '(sleep 0.3; echo late) & echo now')).out).toBe('now\nlate\n');
    const proxy = await givenTcpProxy(new URL(berth.url).port);
    const laptop = givenMachine({ ...berth, url: `http://localhost:${proxy.port}` });
    const script = [
      'nohup sleep 300 >/dev/null 2>&1 & echo $! > background.pid',
      'trap "echo hang-up > end; exit" HUP',
      'echo up; while :; do sleep 0.1; done',
    ].join('\n');
    const child = laptop.ssh('demo.berth', script);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    proxy.cut();
    const { code, err } = await ended(child);
    expect({ code, err }).toEqual({
      code: 255,
      err: expect.stringContaining('The connection to the workspace was lost.'),
    });
    await expect.poll(() => inHome('end'), { timeout: 60_000 }).toBe('hang-up\n');
    expect((await ssh('demo.berth', 'kill $(cat background.pid) && echo alive')).out).toBe('alive\n');
  });

  test('a terminal’s programs receive SIGHUP when the connection is lost', async () => {
    const proxy = await givenTcpProxy(new URL(berth.url).port);
    const laptop = givenMachine({ ...berth, url: `http://localhost:${proxy.port}` });
    const child = laptop.ssh(
      '-tt',
      'demo.berth',
      'trap "echo gone > tty-end; exit" HUP; echo up; while :; do sleep 0.1; done',
    );
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    proxy.cut();
    expect((await ended(child)).code).toBe(255);
    await expect.poll(() => inHome('tty-end'), { timeout: 60_000 }).toBe('gone\n');
  });

  test('sent bytes count as activity, an open connection does not', async () => {
    const stopTime = async () =>
      Date.parse((await berth.as('ada').getWorkspace({ params: { workspace: id } })).stop?.at ?? '');
    const child = machine.ssh('demo.berth', 'while read line; do echo "$line"; done');
    child.stdin?.write('first\n');
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const before = await stopTime();
    const isLater = async () => {
      child.stdin?.write('more\n');
      return (await stopTime()) > before;
    };
    child.stdout?.resume();
    await expect.poll(isLater, { timeout: 60_000, interval: 200 }).toBe(true);
    child.stdin?.end();
    expect((await ended(child)).code).toBe(0);
  });
});
