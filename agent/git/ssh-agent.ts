import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { GitSetup } from '../../contracts/agent/tunnel.ts';

/** OpenSSH's own limit. Signing a file sends only its digest, so real requests have a few hundred bytes. */
const maxRequestBytes = 256 * 1024;
/** Each running `git` or `ssh` needs one. A program that leaks connections must not fill the agent's memory. */
const maxConnections = 100;

const requestType = { identities: 11, sign: 13 };
const responseType = { failure: 5, identities: 12, signature: 14 };

interface AgentKey {
  privateKey: KeyObject;
  /** The public key in SSH's binary encoding. */
  blob: Buffer;
  comment: string;
}

const uint32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const encodeString = (bytes: Uint8Array | string): Buffer => Buffer.concat([uint32(bytes.length), Buffer.from(bytes)]);

/** Reads strings that are prefixed with their length; `undefined` when the body is too short for them. */
const readStrings = (body: Buffer, count: number): Buffer[] | undefined => {
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

const encodeIdentities = ({ blob, comment }: AgentKey): Buffer =>
  Buffer.concat([
    Buffer.of(responseType.identities),
    uint32(1),
    encodeString(blob),
    encodeString(Buffer.from(comment)),
  ]);

const encodeSignature = ({ privateKey, blob }: AgentKey, body: Buffer): Buffer | undefined => {
  const [wanted, data] = readStrings(body, 2) ?? [];
  if (data === undefined || wanted?.equals(blob) !== true) return undefined;
  const signed = Buffer.concat([encodeString('ssh-ed25519'), encodeString(sign(null, data, privateKey))]);
  return Buffer.concat([Buffer.of(responseType.signature), encodeString(signed)]);
};

/** Lists the key and signs with it. Every other request (add, remove, lock, extensions) fails. */
const respond = (request: Buffer, key: AgentKey): Buffer => {
  const failure = Buffer.of(responseType.failure);
  if (request[0] === requestType.identities) return encodeIdentities(key);
  if (request[0] === requestType.sign) return encodeSignature(key, request.subarray(1)) ?? failure;
  return failure;
};

const serve = (socket: Socket, key: AgentKey): void => {
  let pending = Buffer.alloc(0);
  // The client went away.
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 4) {
      const length = pending.readUInt32BE(0);
      if (length === 0 || length > maxRequestBytes) return socket.destroy();
      if (pending.length < 4 + length) return;
      if (!socket.write(encodeString(respond(pending.subarray(4, 4 + length), key)))) socket.pause();
      pending = pending.subarray(4 + length);
    }
  });
  socket.on('drain', () => socket.resume());
};

const readKey = ({ privateKey, publicKey }: NonNullable<GitSetup['key']>): AgentKey => {
  const [, blob = '', comment = ''] = publicKey.split(' ');
  return {
    privateKey: createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' }),
    blob: Buffer.from(blob, 'base64'),
    comment,
  };
};

/**
 * Serves one key on a Unix socket in the ssh-agent protocol (draft-miller-ssh-agent). The private key stays in this
 * process's memory. The folder of the socket must be accessible to this user only. Rejects when listening fails.
 */
export const serveSshAgent = (key: NonNullable<GitSetup['key']>, path: string): Promise<Server> => {
  const agentKey = readKey(key);
  const server = createServer((socket) => serve(socket, agentKey));
  server.maxConnections = maxConnections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
};
