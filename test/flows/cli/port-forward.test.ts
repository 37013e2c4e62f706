import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { cli, ended } from '../../support/clients/ssh.ts';
import { givenLateReader, sendAfterGoodbye } from '../../support/doubles/late-reader.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let berth: TestBerth;
let id: string;
beforeAll(async () => {
  berth = await givenBerth();
  ({ id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } }));
  await untilStatus(berth.as('ada'), id, 'running');
});
afterAll(() => berth.end());

const portForward = (...words: string[]): ChildProcess => {
  const env = {
    PATH: process.env['PATH'],
    HOME: temporaryFolder(),
    BERTH_URL: berth.url,
    BERTH_TOKEN: berth.tokenOf('ada'),
  };
  const child = spawn(process.execPath, [cli, 'port-forward', ...words], { env });
  onTestFinished(() => void child.kill());
  return child;
};

/** Answers what it was sent once that has ended. The workspace's loopback is this machine's. */
const givenEcho = async (): Promise<number> => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void text(socket).then((all) => socket.end(`echo ${all}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

const ask = async (port: number, words: string): Promise<string> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toBe('ECONNRESET'));
  socket.end(words);
  return text(socket).catch((error: NodeJS.ErrnoException) => String(error.code));
};

/** What it said, and the local ports that it listens on. */
const listening = async (child: ChildProcess) => {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (bytes: Buffer) => {
    said.out += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    said.err += bytes.toString();
  });
  const ports = () =>
    [...said.out.matchAll(/^127\.0\.0\.1:(\d+) forwards to port \d+ of demo$/gm)].map(([, port]) => Number(port));
  await expect.poll(ports, { timeout: 60_000 }).not.toEqual([]);
  return { said, ports: ports() };
};

test('several ports come here, each connection with its own two ends, until it is interrupted', async () => {
  const [one, two] = [await givenEcho(), await givenEcho()];
  const child = portForward('demo', `0:${one}`, `0:${two}`);
  const { ports } = await listening(child);
  const big = 'x'.repeat(5_000_000);
  const all = await Promise.all([ask(ports[0] ?? 0, big), ask(ports[1] ?? 0, 'two'), ask(ports[0] ?? 0, '')]);
  expect(all).toEqual([`echo ${big}`, 'echo two', 'echo ']);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('what is sent arrives whole where the program ended its own direction first, and reads late', async () => {
  const { port, read } = await givenLateReader();
  const { ports } = await listening(portForward('demo', `0:${port}`));
  const socket = connect({ port: ports[0] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
  await sendAfterGoodbye(socket, 32_000_000);
  expect(await read).toBe(32_000_000);
});

test('a port where nothing listens, and a workspace that is stopped, are said; then it goes on', async () => {
  const echo = await givenEcho();
  const { said, ports } = await listening(portForward('demo', '0:1', `0:${echo}`));
  expect(await ask(ports[0] ?? 0, '')).toBe('ECONNRESET');
  await expect.poll(() => said.err).toMatch(/port 1: Nothing listens on port 1 of the workspace/);

  await berth.as('ada').stopWorkspace({ params: { workspace: id } });
  await untilStatus(berth.as('ada'), id, 'stopped');
  expect(await ask(ports[1] ?? 0, '')).toBe('ECONNRESET');
  await expect.poll(() => said.err).toMatch(/The workspace demo is stopped\./);
  await berth.as('ada').startWorkspace({ params: { workspace: id }, body: {} });
  await untilStatus(berth.as('ada'), id, 'running');
  expect(await ask(ports[1] ?? 0, 'again')).toBe('echo again');
});

test('a refusal comes at once, however much was sent ahead', async () => {
  const { said, ports } = await listening(portForward('demo', '0:1'));
  expect(await ask(ports[0] ?? 0, 'x'.repeat(20_000_000))).toBe('ECONNRESET');
  await expect.poll(() => said.err).toMatch(/Nothing listens on port 1 of the workspace/);
});

test('it listens for this machine alone, unless others are allowed', async () => {
  const refused = await ended(portForward('demo', '3000', '--address', '0.0.0.0'));
  expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--allow-others') });
});

test('a port of this machine that is taken is said', async () => {
  const taken = await givenEcho();
  const { code, err } = await ended(portForward('demo', `${taken}:3000`));
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('it is already in use') });
});
