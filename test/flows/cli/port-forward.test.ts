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

const portForward = (...args: string[]): ChildProcess => {
  const env = {
    PATH: process.env['PATH'],
    HOME: temporaryFolder(),
    BERTH_URL: berth.url,
    BERTH_TOKEN: berth.tokenOf('ada'),
  };
  const child = spawn(process.execPath, [cli, 'port-forward', ...args], { env });
  onTestFinished(() => void child.kill());
  return child;
};

/** An echo server that responds when the client's direction has ended. The workspace shares this machine's loopback. */
const givenEcho = async (): Promise<number> => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void text(socket).then((all) => socket.end(`echo ${all}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

const request = async (port: number, body: string): Promise<string> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toBe('ECONNRESET'));
  socket.end(body);
  return text(socket).catch((error: NodeJS.ErrnoException) => String(error.code));
};

/** Waits until the command listens. Returns its output, which grows, and its local ports. */
const untilListening = async (child: ChildProcess) => {
  const output = { out: '', err: '' };
  child.stdout?.on('data', (bytes: Buffer) => {
    output.out += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    output.err += bytes.toString();
  });
  const ports = () =>
    [...output.out.matchAll(/^127\.0\.0\.1:(\d+) forwards to port \d+ of demo$/gm)].map(([, port]) => Number(port));
  await expect.poll(ports, { timeout: 60_000 }).not.toEqual([]);
  return { output, ports: ports() };
};

test('forwards several ports, ends each direction separately, and stops when it is interrupted', async () => {
  const [one, two] = [await givenEcho(), await givenEcho()];
  const child = portForward('demo', `0:${one}`, `0:${two}`);
  const { ports } = await untilListening(child);
  const big = 'x'.repeat(5_000_000);
  const all = await Promise.all([
    request(ports[0] ?? 0, big),
    request(ports[1] ?? 0, 'two'),
    request(ports[0] ?? 0, ''),
  ]);
  expect(all).toEqual([`echo ${big}`, 'echo two', 'echo ']);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('all bytes arrive at a program that ended its own direction first and reads late', async () => {
  const { port, read } = await givenLateReader();
  const { ports } = await untilListening(portForward('demo', `0:${port}`));
  const socket = connect({ port: ports[0] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
  await sendAfterGoodbye(socket, 32_000_000);
  expect(await read).toBe(32_000_000);
});

test('reports a port where nothing listens and a stopped workspace, and continues', async () => {
  const echo = await givenEcho();
  const { output, ports } = await untilListening(portForward('demo', '0:1', `0:${echo}`));
  expect(await request(ports[0] ?? 0, '')).toBe('ECONNRESET');
  await expect.poll(() => output.err).toMatch(/port 1: Nothing listens on port 1 of the workspace/);

  await berth.as('ada').stopWorkspace({ params: { workspace: id } });
  await untilStatus(berth.as('ada'), id, 'stopped');
  expect(await request(ports[1] ?? 0, '')).toBe('ECONNRESET');
  await expect.poll(() => output.err).toMatch(/The workspace demo is stopped\./);
  await berth.as('ada').startWorkspace({ params: { workspace: id }, body: {} });
  await untilStatus(berth.as('ada'), id, 'running');
  expect(await request(ports[1] ?? 0, 'again')).toBe('echo again');
});

test('a refusal is reported at once, however much the client already sent', async () => {
  const { output, ports } = await untilListening(portForward('demo', '0:1'));
  expect(await request(ports[0] ?? 0, 'x'.repeat(20_000_000))).toBe('ECONNRESET');
  await expect.poll(() => output.err).toMatch(/Nothing listens on port 1 of the workspace/);
});

test('listens on loopback only, unless other machines are allowed', async () => {
  const refused = await ended(portForward('demo', '3000', '--address', '0.0.0.0'));
  expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--allow-others') });
});

test('a local port that is in use is an error', async () => {
  const taken = await givenEcho();
  const { code, err } = await ended(portForward('demo', `${taken}:3000`));
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('it is already in use') });
});
