import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundleCli } from '../../../cli/bundle.ts';
import { BerthError } from '../../../core/errors.ts';
import { optional } from '../../requirements.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { cli, ended, givenMachine, isInstalled, type Machine } from '../../support/clients/ssh.ts';
import { givenReverseProxy } from '../../support/doubles/reverse-proxy.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ready = optional('berth config-ssh', isInstalled('ssh'), 'Install Debian’s openssh-client.');

const templates = {
  plain: plainTemplate,
  restricted: 'name: restricted\ncompute: { kind: process }\nbrowserOnly: true\n',
  short: 'name: short\ncompute: { kind: process }\nstop: { idleTimeout: 20s }\n',
  broken: 'name: broken\ncompute: { kind: process, spec: { limits: { memory: lots } } }\n',
};

describe.runIf(ready)('connecting to a workspace by ssh', () => {
  let berth: TestBerth;
  let machine: Machine;
  let id: string;
  beforeAll(async () => {
    berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
    ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
    await untilStatus(berth.as('ada'), id, 'running');
    machine = givenMachine(berth);
  });
  afterAll(() => berth.end());

  const ssh = (...args: string[]) => ended(machine.ssh(...args), '');
  const pinnedKeys = () => {
    const folder = join(machine.home, '.config', 'berth', 'ssh');
    return readFileSync(join(folder, `known_hosts-${new URL(berth.url).host.replace(':', '-')}`), 'utf8');
  };

  test('the host key is pinnedKeys before the first connection, and is the same after a rebuild', async () => {
    expect((await ssh('demo.berth', 'true')).code).toBe(0);
    const before = pinnedKeys();
    expect(before).toMatch(/^demo\.berth ssh-ed25519 [A-Za-z0-9+/]+=*\n$/);
    await berth.as('ada').stopWorkspace({ params: { workspace: id } });
    await untilStatus(berth.as('ada'), id, 'stopped');

    const left = await ended(machine.berth('ssh', '--no-start', 'demo', 'true'), '');
    expect(left).toMatchObject({
      code: 255,
      err: expect.stringContaining('The workspace demo is stopped. Start it first. Run: berth start demo --wait'),
    });
    expect((await berth.as('ada').getWorkspace({ params: { workspace: id } })).status).toBe('stopped');
    // Two connections at once share one start, and print its progress.
    const started = await Promise.all([
      ssh('demo.berth', 'echo', 'up'),
      ended(machine.berth('ssh', 'demo', 'echo', 'up'), ''),
    ]);
    for (const one of started) expect(one).toMatchObject({ code: 0, out: 'up\n' });
    expect(started.map(({ err }) => err).join('')).toContain('Connect agent');
    expect((await berth.as('ada').getWorkspace({ params: { workspace: id } })).build.number).toBe(3);
    expect(pinnedKeys()).toBe(before);
  });

  test('an automatic reconnect does not start a workspace that stopped when idle, a person does', async () => {
    const short = await berth.as('ada').createWorkspace({ body: { name: 'short', template: 'short' } });
    await untilStatus(berth.as('ada'), short.id, 'running');
    const session = ended(machine.ssh('short.berth', 'cat'));
    await untilStatus(berth.as('ada'), short.id, 'stopped');
    expect((await session).code).toBe(255);
    expect(await ssh('short.berth', 'true')).toMatchObject({
      code: 255,
      err: expect.stringContaining('an automatic reconnect does not start it. Start it with: berth start short --wait'),
    });
    expect((await berth.as('ada').getWorkspace({ params: { workspace: short.id } })).build.number).toBe(2);
    expect((await ended(machine.berth('start', 'short', '--wait'), '')).code).toBe(0);
    expect((await ssh('short.berth', 'echo', 'up')).out).toBe('up\n');
  });

  test('a failed start is not repeated by each connection', async () => {
    const { id: broken } = await berth.as('ada').createWorkspace({ body: { name: 'broken', template: 'broken' } });
    await untilStatus(berth.as('ada'), broken, 'failed');
    expect(await ssh('broken.berth', 'true')).toMatchObject({
      code: 255,
      err: expect.stringContaining('broken failed to start.'),
    });
    expect((await berth.as('ada').getWorkspace({ params: { workspace: broken } })).build.number).toBe(1);
  });

  /** Berth behind a proxy that responds to the first session as if the agent were not connected yet. */
  const givenEarlyBerth = async (): Promise<string> => {
    let sessions = 0;
    const { port, close } = await givenReverseProxy(berth.url, (client) => {
      sessions += 1;
      if (sessions > 1) return false;
      const problem = new BerthError('agent_unreachable', 'The workspace demo is not connected yet.').toProblem();
      const body = JSON.stringify(problem);
      client.end(`HTTP/1.1 502 Early\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
      return true;
    });
    onTestFinished(close);
    return `http://127.0.0.1:${port}`;
  };

  test('a connection waits for a workspace that is starting', async () => {
    const early = { env: { ...machine.env, BERTH_URL: await givenEarlyBerth() } };
    const args = [cli, 'ssh', 'demo', 'echo', 'up'];
    const { code, out, err } = await ended(machine.run(process.execPath, args, early), '');
    expect({ code, out, err }).toMatchObject({ code: 0, out: 'up\n' });
  });

  test('a server with another host key than the pinned one is refused', async () => {
    const folder = temporaryFolder();
    const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIL0q0uo4XyFPjYyzbmY1ujHQdOB3tXEkfOqOyTYbSUn4';
    writeFileSync(join(folder, 'known_hosts'), `demo.berth ssh-ed25519 ${other}\n`);
    const { code, err } = await ssh('-o', `UserKnownHostsFile=${join(folder, 'known_hosts')}`, 'demo.berth', 'true');
    expect({ code, err }).toEqual({ code: 255, err: expect.stringContaining('Host key verification failed') });
  });

  test('a workspace of another person is reported like one that does not exist', async () => {
    const linus = givenMachine(berth, 'linus');
    for (const host of ['demo.berth', 'demo--ada.berth', `${id}.berth`]) {
      expect(await ended(linus.ssh(host, 'true'), '')).toMatchObject({
        code: 255,
        err: expect.stringContaining('There is no workspace'),
      });
    }
  });

  test('a browser-only workspace refuses ssh and port forwarding, with the reason', async () => {
    const restricted = await berth.as('ada').createWorkspace({ body: { name: 'restricted', template: 'restricted' } });
    await untilStatus(berth.as('ada'), restricted.id, 'running');
    const err = expect.stringContaining('browser-only');
    expect(await ssh('restricted.berth', 'true')).toMatchObject({ code: 255, err });
    expect(await ended(machine.berth('port-forward', 'restricted', '0:3000'))).toMatchObject({ code: 1, err });
  });

  test('revoking a token ends its open sessions, with the reason', async () => {
    const { id: token, secret } = await berth.signedInAs('ada').createToken({ body: { name: 'short', days: 1 } });
    const laptop = givenMachine(berth, 'ada', secret);
    const [shell, command] = [
      laptop.ssh('demo.berth', 'echo up; cat'),
      laptop.berth('exec', 'demo', '--', 'sh', '-c', 'echo up; cat'),
    ];
    for (const child of [shell, command]) await new Promise((resolve) => child.stdout?.once('data', resolve));
    const both = Promise.all([ended(shell), ended(command)]);
    await berth.as('ada').revokeToken({ params: { token } });
    const reason = expect.stringMatching(/berth: .*token .*revoked/);
    expect(await both).toMatchObject([
      { code: 255, err: reason },
      { code: 1, err: reason },
    ]);
  });

  test('config-ssh adds one line to the existing configuration, once, and removes it again', async () => {
    const home = temporaryFolder();
    const env = { ...machine.env, HOME: home };
    const runBerth = (...args: string[]) => ended(machine.run(process.execPath, [cli, ...args], { env }));
    const config = join(home, '.ssh', 'config');
    const own = join(home, '.ssh', 'berth.config');
    const before = Buffer.from('Host old\r\n  User \xe9milie\n\n# the end, without a newline', 'latin1');
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, 'dotfile'), before);
    chmodSync(join(home, 'dotfile'), 0o640);
    symlinkSync('../dotfile', config);

    expect((await runBerth('config-ssh', '--dry-run')).out).toContain('Host *.berth');
    expect(readFileSync(config)).toEqual(before);
    expect((await runBerth('config-ssh')).code).toBe(0);
    const written = readFileSync(config, 'latin1');
    expect(written).toBe(
      `# >>> berth config-ssh >>>\nInclude berth.config\n# <<< berth config-ssh <<<\n\n${before.toString('latin1')}`,
    );
    expect(statSync(join(home, 'dotfile')).mode & 0o777).toBe(0o640);
    expect(readFileSync(own, 'utf8')).not.toContain(berth.tokenOf('ada'));
    expect((await runBerth('config-ssh')).code).toBe(0);
    expect(readFileSync(config, 'latin1')).toBe(written);

    expect((await runBerth('config-ssh', '--remove')).code).toBe(0);
    expect(readFileSync(config)).toEqual(before);
    expect(existsSync(own)).toBe(false);
  });

  test('works from a home folder of any name', async () => {
    const home = join(temporaryFolder(), "José o'brien 100% $HOME");
    mkdirSync(home);
    const program = join(home, 'berth.cjs');
    await bundleCli(program);
    const env = { ...machine.env, HOME: home };
    expect(await ended(machine.run(process.execPath, [program, 'config-ssh'], { env }))).toMatchObject({ code: 0 });
    const args = ['-F', join(home, '.ssh', 'config'), 'demo.berth', 'echo', 'here'];
    expect(await ended(machine.run('ssh', args, { env }), '')).toEqual({ code: 0, out: 'here\n', err: '' });
    const own = await ended(machine.run(process.execPath, [program, 'ssh', 'demo', 'echo', 'here'], { env }), '');
    expect(own).toEqual({ code: 0, out: 'here\n', err: '' });
  });

  test('a host name with shell code never reaches the ProxyCommand', async () => {
    const folder = temporaryFolder();
    const host = `a';touch\${IFS}${join(folder, 'x')};'.berth`;
    // OpenSSH refuses it since 9.6, and in Debian's patched versions; berth refuses it, too.
    expect((await ssh('--', host, 'true')).code).toBe(255);
    expect((await ended(machine.berth('ssh', '--stdio', '--', host))).code).toBe(2);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
