import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { serveSshAgent } from './ssh-agent.ts';

const encodeString = (bytes: Uint8Array | string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, Buffer.from(bytes)]);
};
const [failure, identities, signature] = [5, 12, 14];

const folder = temporaryFolder();
const path = join(folder, 'agent.sock');
const blob = Buffer.from('the public half');
let publicKey: KeyObject;
let server: Server;
beforeAll(async () => {
  const pair = generateKeyPairSync('ed25519');
  publicKey = pair.publicKey;
  const privateKey = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  server = await serveSshAgent({ privateKey, publicKey: `ssh-ed25519 ${blob.toString('base64')} berth:ada` }, path);
});
afterAll(() => {
  server.close();
});

let socket: Socket;
let received: Buffer;
beforeEach(async () => {
  received = Buffer.alloc(0);
  socket = connect(path);
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
});
afterEach(() => void socket.destroy());

/** The bodies of the complete responses received so far. */
const responses = (): Buffer[] => {
  const found: Buffer[] = [];
  for (let at = 0; received.length >= at + 4 && received.length >= at + 4 + received.readUInt32BE(at); ) {
    const end = at + 4 + received.readUInt32BE(at);
    found.push(received.subarray(at + 4, end));
    at = end;
  }
  return found;
};
const sendRequests = async (...requests: Uint8Array[]): Promise<Buffer[]> => {
  for (const request of requests) socket.write(encodeString(request));
  await expect.poll(() => responses().length).toBe(requests.length);
  return responses();
};
const signRequest = (key: Buffer, data: string) =>
  Buffer.concat([Buffer.of(13), encodeString(key), encodeString(data), Buffer.alloc(4)]);

it('is accessible to this user only', () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('lists its one key', async () => {
  const count = Buffer.of(0, 0, 0, 1);
  expect(await sendRequests(Buffer.of(11))).toEqual([
    Buffer.concat([Buffer.of(identities), count, encodeString(blob), encodeString('berth:ada')]),
  ]);
});

it('signs with its key and with no other', async () => {
  const [signed, refused] = await sendRequests(signRequest(blob, 'data'), signRequest(Buffer.from('another'), 'data'));
  expect(signed?.[0]).toBe(signature);
  expect(signed?.subarray(9, 20).toString()).toBe('ssh-ed25519');
  expect(verify(null, Buffer.from('data'), publicKey, signed?.subarray(-64) ?? Buffer.of())).toBe(true);
  expect(refused).toEqual(Buffer.of(failure));
});

describe('refuses', () => {
  it.each([
    ['to add', 17],
    ['to remove', 18],
    ['to remove all', 19],
    ['a smartcard', 20],
    ['to be locked', 22],
    ['to add for a while', 25],
    ['an extension', 27],
    ['an unknown request', 200],
  ])('%s, and handles the next request', async (_, type) => {
    const request = Buffer.concat([Buffer.of(type), encodeString('session-bind@openssh.com'), Buffer.alloc(300, 11)]);
    const [refused, listed] = await sendRequests(request, Buffer.of(11));
    expect(refused).toEqual(Buffer.of(failure));
    expect(listed?.[0]).toBe(identities);
  });

  it.each([
    ['without a key', Buffer.of(13)],
    ['with a truncated key', Buffer.concat([Buffer.of(13), encodeString(blob).subarray(0, 8)])],
    ['with a length beyond its end', Buffer.concat([Buffer.of(13), encodeString(blob), Buffer.of(255, 255, 255, 255)])],
  ])('a request to sign %s', async (_, request) => {
    expect(await sendRequests(request)).toEqual([Buffer.of(failure)]);
  });

  it.each([
    ['of 0 bytes', 0],
    ['above 256 KB', 256 * 1024 + 1],
    ['of 4 GB', 2 ** 32 - 1],
  ])('to wait for a request %s', async (_, length) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    socket.write(header);
    await once(socket, 'close');
    expect(received.length).toBe(0);
  });
});

it('reads requests that arrive byte by byte', async () => {
  const request = encodeString(Buffer.of(11));
  for (const byte of request) {
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => responses()[0]?.[0]).toBe(identities);
});

it('stops reading from a client that does not read its responses', async () => {
  socket.pause();
  const request = encodeString(signRequest(blob, 'x'.repeat(1_000)));
  const flood = Buffer.concat(Array.from({ length: 1_000 }, () => request));
  let sent = 0;
  while (sent < 64 && socket.write(flood)) sent += 1;
  for (; sent < 40; sent += 1) socket.write(flood);
  await expect.poll(() => socket.writableLength).toBeGreaterThan(1_000_000);
  socket.resume();
  await expect.poll(() => responses().length).toBeGreaterThan(1_000);
});
