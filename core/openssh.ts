import { createHash, type KeyObject } from 'node:crypto';

const algorithm = 'ssh-ed25519';

const field = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** An Ed25519 key as SSH tells of it: its line of an `authorized_keys` file without comment, and `SHA256:…`. */
export const describeKey = (key: KeyObject): { publicKey: string; fingerprint: string } => {
  const raw = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([field(Buffer.from(algorithm)), field(raw)]);
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { publicKey: `${algorithm} ${blob.toString('base64')}`, fingerprint: `SHA256:${digest}` };
};
