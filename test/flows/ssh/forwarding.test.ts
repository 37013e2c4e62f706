import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { optional } from '../../requirements.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { ended, givenMachine, isInstalled, type Machine } from '../../support/clients/ssh.ts';
import { givenLateReader, sendAfterGoodbye } from '../../support/doubles/late-reader.ts';
import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ready = optional('forwarding over SSH', isInstalled('ssh'), 'Install Debian’s openssh-client.');

const listen = async (server: Server, at: { port: number; host: string } | { path: string }) => {
  server.listen(at);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

/** An echo server that responds when the client's direction has ended: each direction must end separately. */
const givenEcho = () =>
  createServer({ allowHalfOpen: true }, (socket) => {
    void text(socket).then((all) => socket.end(`echo ${all}`));
  });

const request = async (socket: Socket, body: string) => {
  socket.end(body);
  return text(socket);
};

const connectTo = async (to: { port: number; host: string } | { path: string }): Promise<Socket> => {
  const attempt = async () => {
    const socket = connect({ ...to, allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  };
  return vi.waitFor(attempt, { timeout: 60_000, interval: 50 });
};

/** Connects like the SOCKS5 clients of editors: to a host by its name. */
const bySocks = async (proxy: number, host: string, port: number): Promise<Socket> => {
  const socket = await connectTo({ port: proxy, host: '127.0.0.1' });
  socket.write(Buffer.from([5, 1, 0]));
  await once(socket, 'data');
  const name = Buffer.from(host);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]));
  const [response] = (await once(socket, 'data')) as [Buffer];
  expect(response[1]).toBe(0);
  return socket;
};

describe.runIf(ready)('forwarding', () => {
  let berth: TestBerth;
  let machine: Machine;
  beforeAll(async () => {
    berth = await givenBerth();
    const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
    await untilStatus(berth.as('ada'), id, 'running');
    machine = givenMachine(berth);
  });
  afterAll(() => berth.end());

  const startSsh = (...args: string[]): ChildProcess => {
    const child = machine.ssh(...args);
    onTestFinished(() => void child.kill());
    return child;
  };

  test('-L forwards local ports and sockets to the workspace, -R those of the workspace to this machine', async () => {
    const folder = temporaryFolder();
    const remote = await listen(givenEcho(), { port: 0, host: '127.0.0.1' });
    await listen(givenEcho(), { path: join(folder, 'remote') });
    const [local, back] = [await freePort(), await freePort()];
    startSsh(
      '-N',
      ...['-L', `${local}:localhost:${remote}`, '-L', `${join(folder, 'here')}:${join(folder, 'remote')}`],
      ...['-R', `${back}:127.0.0.1:${remote}`, '-R', `${join(folder, 'there')}:${join(folder, 'remote')}`],
      'demo.berth',
    );
    const big = 'x'.repeat(3_000_000);
    expect(await request(await connectTo({ port: local, host: '127.0.0.1' }), big)).toBe(`echo ${big}`);
    expect(await request(await connectTo({ path: join(folder, 'here') }), 'by a socket')).toBe('echo by a socket');
    expect(await request(await connectTo({ port: back, host: '127.0.0.1' }), big)).toBe(`echo ${big}`);
    expect(await request(await connectTo({ path: join(folder, 'there') }), 'back')).toBe('echo back');
  });

  test('all bytes sent through -L arrive at a program that ended its own direction first and reads late', async () => {
    const [{ port, read }, local] = [await givenLateReader(), await freePort()];
    startSsh('-N', '-L', `${local}:localhost:${port}`, 'demo.berth');
    await sendAfterGoodbye(await connectTo({ port: local, host: '127.0.0.1' }), 32_000_000);
    expect(await read).toBe(32_000_000);
  });

  test('-R 0 reports the allocated port; a connection to a port where nothing listens is refused', async () => {
    const remote = await listen(givenEcho(), { port: 0, host: '127.0.0.1' });
    const [nothing, local] = [await freePort(), await freePort()];
    const child = startSsh('-N', '-L', `${local}:localhost:${nothing}`, '-R', `0:127.0.0.1:${remote}`, 'demo.berth');
    let stderr = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
    });
    await expect.poll(() => stderr, { timeout: 60_000 }).toMatch(/Allocated port \d+/);
    const port = Number(/Allocated port (\d+)/.exec(stderr)?.[1]);
    expect(await request(await connectTo({ port, host: '127.0.0.1' }), 'zero')).toBe('echo zero');
    const refused = await connectTo({ port: local, host: '127.0.0.1' });
    expect(await request(refused, '')).toBe('');
    expect(stderr).toMatch(/open failed/);
    child.kill();
    await once(child, 'exit');
    await expect.poll(() => portIsFree(port), { timeout: 60_000 }).toBe(true);
  });

  test('editors can connect: a script on stdin starts their server, which SOCKS and a socket reach', async () => {
    const socks = await freePort();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'server.js'), editorServer);
    expect(
      (await ended(machine.run('scp', [...machine.config, join(folder, 'server.js'), 'demo.berth:server.js']))).code,
    ).toBe(0);

    const shell = startSsh('-T', '-D', String(socks), '-o', 'ConnectTimeout=15', 'demo.berth', 'bash');
    const lines: string[] = [];
    shell.stdout?.on('data', (bytes: Buffer) => lines.push(...bytes.toString().split('\n')));
    shell.stdin?.write(`echo "home $PWD"\nnohup "$BERTH_NODE" server.js > server.log 2>&1 < /dev/null &\n`);
    shell.stdin?.write('while ! grep -q listening server.log; do sleep 0.05; done; cat server.log\n');
    const listeningPort = () => /listening (\d+)/.exec(lines.join('\n'))?.[1];
    await expect.poll(listeningPort, { timeout: 60_000 }).toBeDefined();

    const socket = await bySocks(socks, 'localhost', Number(listeningPort()));
    expect(await request(socket, 'hello')).toBe('editor hello');

    const here = join(folder, 'here');
    const home = /home (.+)/.exec(lines.join('\n'))?.[1];
    startSsh('-N', '-L', `${here}:${home}/editor.sock`, 'demo.berth');
    expect(await request(await connectTo({ path: here }), 'by socket')).toBe('editor by socket');
    shell.stdin?.write('kill %1; exit\n');
    await once(shell, 'exit');
  });

  test('-A gives the workspace access to the person’s ssh-agent', async () => {
    const folder = temporaryFolder();
    const socket = join(folder, 'agent');
    const agent = machine.run('ssh-agent', ['-D', '-a', socket]);
    onTestFinished(() => void agent.kill());
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'a key of ada', '-f', join(folder, 'key')]);
    const env = { ...machine.env, SSH_AUTH_SOCK: socket };
    await expect
      .poll(async () => (await ended(machine.run('ssh-add', ['-q', join(folder, 'key')], { env }))).code)
      .toBe(0);
    const forwarded = (...args: string[]) =>
      ended(machine.run('ssh', [...machine.config, ...args, 'demo.berth', 'ssh-add -l'], { env }));
    expect((await forwarded('-A')).out).toContain('a key of ada');
    expect((await forwarded('-a')).out).not.toContain('a key of ada');

    // A program that outlives its session (tmux) finds the next one's keys at the same path, and none after the last.
    const sockets: string[] = [];
    const openSession = async () => {
      const child = machine.run('ssh', [...machine.config, '-A', 'demo.berth', 'echo "$SSH_AUTH_SOCK"; sleep 300'], {
        env,
      });
      onTestFinished(() => void child.kill());
      const [path] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
      sockets.push(path.toString().trim());
      return child;
    };
    const first = await openSession();
    const second = await openSession();
    expect(sockets[1]).toBe(sockets[0]);
    const keys = async () => {
      const args = [...machine.config, '-a', 'demo.berth', `SSH_AUTH_SOCK=${sockets[0]} ssh-add -l`];
      return (await ended(machine.run('ssh', args))).out;
    };
    for (const child of [second, first]) {
      expect(await keys()).toContain('a key of ada');
      child.kill();
      await once(child, 'exit');
    }
    await expect.poll(keys, { timeout: 60_000 }).not.toContain('a key of ada');

    // After the folder of temporary files was emptied, the next session has its keys at the same path again.
    const agentPid = async () => (await ended(machine.ssh('demo.berth', 'echo $PPID'))).out;
    const before = await agentPid();
    const third = await openSession();
    await openSession();
    await ended(machine.ssh('demo.berth', `rm -rf "$(dirname ${sockets[0]})"`));
    third.kill();
    await once(third, 'exit');
    expect((await forwarded('-A')).out).toContain('a key of ada');
    await openSession();
    expect(sockets.at(-1)).toBe(sockets[0]);
    expect(await keys()).toContain('a key of ada');
    expect(await agentPid()).toBe(before);
  });

  test('-R replaces only a stale Unix socket, and the end of a session keeps the socket of a later one', async () => {
    const local = join(temporaryFolder(), 'agent.sock');
    const server = createServer((socket) => void socket.end('the agent of ada')).listen(local);
    onTestFinished(() => void server.close());
    const home = (await ended(machine.ssh('demo.berth', 'pwd'))).out.trim();
    const path = join(home, 'S.gpg-agent');
    const listing = await ended(
      machine.ssh(
        'demo.berth',
        `"$BERTH_NODE" -e 'net.createServer().listen("S.gpg-agent",()=>process.kill(process.pid,9))'; ls`,
      ),
    );
    expect(listing.out).toContain('S.gpg-agent');
    const readSocket = async () => {
      const socket = connect({ path });
      socket.on('error', () => undefined);
      return (await socket.toArray()).join('');
    };
    const forward = () => startSsh('-N', '-o', 'ExitOnForwardFailure=yes', '-R', `${path}:${local}`, 'demo.berth');
    const first = forward();
    await expect.poll(readSocket, { timeout: 60_000 }).toBe('the agent of ada');
    const before = lstatSync(path).ino;
    forward();
    await expect.poll(() => lstatSync(path).ino, { timeout: 60_000 }).not.toBe(before);
    first.kill();
    await once(first, 'exit');
    expect(await readSocket()).toBe('the agent of ada');
    writeFileSync(join(home, 'file'), 'kept');
    symlinkSync('loop', join(home, 'loop'));
    for (const there of ['file', 'file/below', 'nowhere/socket', 'loop/socket']) {
      const forwarding = ['-R', `${home}/${there}:${local}`];
      const refused = startSsh('-N', '-o', 'ExitOnForwardFailure=yes', ...forwarding, 'demo.berth');
      expect((await once(refused, 'exit'))[0], there).toBe(255);
      // The connection's other channels continue.
      expect((await ended(machine.ssh(...forwarding, 'demo.berth', 'echo continues'))).out, there).toBe('continues\n');
    }
    expect(readFileSync(join(home, 'file'), 'utf8')).toBe('kept');
  });
});

const portIsFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Listens on a port and on a socket, like the servers that editors install. */
const editorServer = `
const { createServer } = require('node:net');
const serve = (socket) => { let all = ''; socket.on('data', (bytes) => { all += bytes; }).on('end', () => socket.end('editor ' + all)); };
createServer({ allowHalfOpen: true }, serve).listen('editor.sock');
const server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));
`;
