import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentAuthenticationPath, agentPath, tunnelProtocol } from '../contracts/agent/wire.ts';
import { sessionPath } from '../contracts/sessions/session.ts';
import { givenSocket } from './testing/abuse.ts';
import { cleanUp } from './testing/harness.ts';
import { execOf, givenInstallation, givenRunning, holds, type Installation, type Replica } from './testing/replicas.ts';

const megabyte = 1024 * 1024;
/** Sent at the most; whoever takes all of it has no limit. */
const much = 200 * megabyte;
const mostGrowth = 64 * megabyte;

type Sender = Awaited<ReturnType<typeof givenSocket>>;

let installation: Installation;
let replica: Replica;
let workspace: Awaited<ReturnType<typeof givenRunning>>;

beforeEach(async () => {
  installation = await givenInstallation();
  replica = await installation.givenReplica();
  workspace = await givenRunning(installation, replica.port);
  await holds(replica, workspace.id);
});
afterEach(cleanUp);

/** The head of a client's frame: masked, with zeros, so that its bytes are what they are. */
const frame = (first: number, length: number): Buffer => {
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
};

const giant = (socket: Sender) => {
  socket.write(frame(0x82, 2 ** 40));
  return () => Buffer.alloc(64 * 1024);
};
/** Pieces of one message, of which none is the last. */
const endless = (socket: Sender) => {
  socket.write(Buffer.concat([frame(0x02, 1), Buffer.alloc(1)]));
  return () => Buffer.concat([frame(0x00, 64 * 1024), Buffer.alloc(64 * 1024)]);
};
/** As `permessage-deflate` marks what is packed. */
const packed = (socket: Sender) => {
  socket.write(frame(0xc2, 64 * 1024));
  return () => Buffer.alloc(1024);
};

/** Shakes hands as a WebSocket's client that can unpack. */
const shake = async (path: string, headers: string[]) => {
  const socket = await givenSocket(replica.port);
  const key = randomBytes(16).toString('base64');
  const lines = [`GET ${path} HTTP/1.1`, 'Host: gateway.example', 'Connection: Upgrade', 'Upgrade: websocket'];
  const offered = [
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame',
  ];
  socket.write([...lines, ...offered, ...headers, '', ''].join('\r\n'));
  await expect.poll(socket.said).toMatch(/\r\n\r\n/);
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  expect(socket.said()).toMatch(/^HTTP\/1\.1 101 /);
  expect(socket.said()).toContain(accept);
  expect(socket.said()).not.toMatch(/sec-websocket-extensions/i);
  return socket;
};

/** Sends until the other end has enough; how many bytes that took. */
const sentUntilRefused = async (socket: Sender, next: () => Buffer) => {
  let sent = 0;
  while (!socket.destroyed && sent < much) {
    const bytes = next();
    sent += bytes.length;
    if (!socket.write(bytes)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sent;
};

const residentOf = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

describe.each([
  ['a giant frame', giant],
  ['a message that never ends', endless],
  ['a packed message that nobody agreed to', packed],
])('%s', (_, begin) => {
  it('of a client ends its session, and nothing else', async () => {
    const before = residentOf(workspace.agent.pid);
    const socket = await shake(sessionPath(workspace.id, 'exec'), [`Authorization: Bearer ${installation.token}`]);
    expect(await sentUntilRefused(socket, begin(socket))).toBeLessThan(much / 4);
    expect(residentOf(workspace.agent.pid) - before).toBeLessThan(mostGrowth);
    const exec = await execOf(installation, replica, workspace.id, ['true']);
    await expect.poll(exec.replies).toContainEqual({ type: 'exit', code: 0 });
  });

  it('of an agent ends its connection, and nothing else', async () => {
    const body = JSON.stringify({ kind: 'kubernetes', workspaceId: workspace.id, token: `${workspace.id}-b1` });
    const signedOn = await fetch(`http://127.0.0.1:${replica.port}${agentAuthenticationPath}`, {
      method: 'POST',
      body,
    });
    const { token } = (await signedOn.json()) as { token: string };
    // It would come back at once and take the place of the one that is played here.
    workspace.line.close();
    const before = process.memoryUsage().rss;
    const protocol = `Sec-WebSocket-Protocol: ${tunnelProtocol}`;
    const socket = await shake(agentPath, [`Authorization: Bearer ${token}`, protocol]);
    expect(await sentUntilRefused(socket, begin(socket))).toBeLessThan(much / 4);
    expect(process.memoryUsage().rss - before).toBeLessThan(mostGrowth);
    await expect.poll(() => replica.gateway.connected()).toEqual([]);
    expect(installation.log.join('\n')).not.toContain('error');
  });
});
