import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { GitSetup } from '../contracts/agent.ts';

/** As OpenSSH's own agent. What signs a file sends its digest, never more than some hundred bytes. */
const largestRequest = 256 * 1024;
/** One per `git` or `ssh` that runs; a program that leaks connections is not to fill the memory. */
const mostConnections = 100;

const asked = { identities: 11, sign: 13 };
const told = { failure: 5, identities: 12, signature: 14 };

interface HeldKey {
  privateKey: KeyObject;
  /** The public half as SSH writes it. */
  blob: Buffer;
  comment: string;
}

const uint32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const field = (bytes: Uint8Array | string): Buffer => Buffer.concat([uint32(bytes.length), Buffer.from(bytes)]);

/** The strings that a request is made of, each behind its length; `undefined` when it is shorter than they say. */
const readFields = (body: Buffer, count: number): Buffer[] | undefined => {
  const fields: Buffer[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (body.length < at + 4) return undefined;
    const end = at + 4 + body.readUInt32BE(at);
    if (body.length < end) return undefined;
    fields.push(body.subarray(at + 4, end));
    at = end;
  }
  return fields;
};

const identities = ({ blob, comment }: HeldKey): Buffer =>
  Buffer.concat([Buffer.of(told.identities), uint32(1), field(blob), field(Buffer.from(comment))]);

const signature = ({ privateKey, blob }: HeldKey, body: Buffer): Buffer | undefined => {
  const [wanted, data] = readFields(body, 2) ?? [];
  if (data === undefined || wanted?.equals(blob) !== true) return undefined;
  const signed = Buffer.concat([field('ssh-ed25519'), field(sign(null, data, privateKey))]);
  return Buffer.concat([Buffer.of(told.signature), field(signed)]);
};

/** Lists the key and signs with it. Everything else an agent may be asked (add, remove, lock, extensions) fails. */
const answer = (request: Buffer, held: HeldKey): Buffer => {
  const failure = Buffer.of(told.failure);
  if (request[0] === asked.identities) return identities(held);
  if (request[0] === asked.sign) return signature(held, request.subarray(1)) ?? failure;
  return failure;
};

const serve = (socket: Socket, held: HeldKey): void => {
  let pending = Buffer.alloc(0);
  // Whoever asked went away: nobody waits for the answer.
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 4) {
      const length = pending.readUInt32BE(0);
      if (length === 0 || length > largestRequest) return socket.destroy();
      if (pending.length < 4 + length) return;
      if (!socket.write(field(answer(pending.subarray(4, 4 + length), held)))) socket.pause();
      pending = pending.subarray(4 + length);
    }
  });
  socket.on('drain', () => socket.resume());
};

const readKey = ({ privateKey, publicKey }: NonNullable<GitSetup['key']>): HeldKey => {
  const [, blob = '', comment = ''] = publicKey.split(' ');
  return {
    privateKey: createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' }),
    blob: Buffer.from(blob, 'base64'),
    comment,
  };
};

/**
 * Serves one key at a unix socket, in the protocol of ssh-agent (draft-miller-ssh-agent). The key is in this process's
 * memory alone. The socket's folder is to be this user's only. Rejects when it cannot listen there.
 */
export const serveKey = (key: NonNullable<GitSetup['key']>, path: string): Promise<Server> => {
  const held = readKey(key);
  const server = createServer((socket) => serve(socket, held));
  server.maxConnections = mostConnections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
};
