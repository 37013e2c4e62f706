import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentAuthenticationPath, agentPath, tunnelProtocol } from '../contracts/agent/wire.ts';
import { sessionPath } from '../contracts/sessions/session.ts';
import { givenSocket } from './testing/abuse.ts';
import { cleanUp } from './testing/harness.ts';
import {
  execOf,
  givenInstallation,
  givenRunning,
  type Installation,
  type Replica,
  untilConnected,
} from './testing/replicas.ts';

const megabyte = 1024 * 1024;
/** Sent at most; a receiver that accepts all of it has no limit. */
const maxSent = 200 * megabyte;
const maxGrowth = 64 * megabyte;

type Sender = Awaited<ReturnType<typeof givenSocket>>;

let installation: Installation;
let replica: Replica;
let workspace: Awaited<ReturnType<typeof givenRunning>>;

beforeEach(async () => {
  installation = await givenInstallation();
  replica = await installation.givenReplica();
  workspace = await givenRunning(installation, replica.port);
  await untilConnected(replica, workspace.id);
});
afterEach(cleanUp);

/** The header of a client's frame, masked with zeros, so that the payload is sent as it is. */
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
/** Fragments of one message, none of which is the last. */
const endless = (socket: Sender) => {
  socket.write(Buffer.concat([frame(0x02, 1), Buffer.alloc(1)]));
  return () => Buffer.concat([frame(0x00, 64 * 1024), Buffer.alloc(64 * 1024)]);
};
/** A frame with the bit by which `permessage-deflate` marks compressed messages. */
const compressed = (socket: Sender) => {
  socket.write(frame(0xc2, 64 * 1024));
  return () => Buffer.alloc(1024);
};

/** Opens a WebSocket as a client that supports compression. */
const openWebSocket = async (path: string, headers: string[]) => {
  const socket = await givenSocket(replica.port);
  const key = randomBytes(16).toString('base64');
  const lines = [`GET ${path} HTTP/1.1`, 'Host: gateway.example', 'Connection: Upgrade', 'Upgrade: websocket'];
  const offered = [
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame',
  ];
  socket.write([...lines, ...offered, ...headers, '', ''].join('\r\n'));
  await expect.poll(socket.received).toMatch(/\r\n\r\n/);
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  expect(socket.received()).toMatch(/^HTTP\/1\.1 101 /);
  expect(socket.received()).toContain(accept);
  expect(socket.received()).not.toMatch(/sec-websocket-extensions/i);
  return socket;
};

/** Sends until the other end closes the connection. Returns how many bytes were sent. */
const sentUntilRefused = async (socket: Sender, next: () => Buffer) => {
  let sent = 0;
  while (!socket.destroyed && sent < maxSent) {
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
  ['a compressed message without negotiated compression', compressed],
])('%s', (_, begin) => {
  it('from a client closes its session, and nothing else', async () => {
    const before = residentOf(workspace.agent.pid);
    const socket = await openWebSocket(sessionPath(workspace.id, 'exec'), [
      `Authorization: Bearer ${installation.token}`,
    ]);
    expect(await sentUntilRefused(socket, begin(socket))).toBeLessThan(maxSent / 4);
    expect(residentOf(workspace.agent.pid) - before).toBeLessThan(maxGrowth);
    const exec = await execOf(installation, replica, workspace.id, ['true']);
    await expect.poll(exec.replies).toContainEqual({ type: 'exit', code: 0 });
  });

  it('from an agent closes its connection, and nothing else', async () => {
    const body = JSON.stringify({ kind: 'kubernetes', workspaceId: workspace.id, token: `${workspace.id}-b1` });
    const authenticated = await fetch(`http://127.0.0.1:${replica.port}${agentAuthenticationPath}`, {
      method: 'POST',
      body,
    });
    const { token } = (await authenticated.json()) as { token: string };
    // The real agent would reconnect immediately and replace the connection that this test opens.
    workspace.line.close();
    const before = process.memoryUsage().rss;
    const protocol = `Sec-WebSocket-Protocol: ${tunnelProtocol}`;
    const socket = await openWebSocket(agentPath, [`Authorization: Bearer ${token}`, protocol]);
    expect(await sentUntilRefused(socket, begin(socket))).toBeLessThan(maxSent / 4);
    expect(process.memoryUsage().rss - before).toBeLessThan(maxGrowth);
    await expect.poll(() => replica.gateway.connected()).toEqual([]);
    expect(installation.log.filter((line) => line.startsWith('error '))).toEqual([]);
  });
});
