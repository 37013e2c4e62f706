import { createHash, type KeyObject } from 'node:crypto';

export const algorithm = 'ssh-ed25519';

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A string of the SSH protocol: its length, then its bytes. */
export const string = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
};

/** The 32 bytes of an Ed25519 key's public half. */
export const publicBytes = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');

/** The public half as SSH sends it. */
export const publicBlob = (key: KeyObject): Buffer => Buffer.concat([string(algorithm), string(publicBytes(key))]);

/** An Ed25519 key in OpenSSH's formats: an `authorized_keys` line without comment, and the fingerprint `SHA256:…`. */
export const describeKey = (key: KeyObject): { publicKey: string; fingerprint: string } => {
  const blob = publicBlob(key);
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { publicKey: `${algorithm} ${blob.toString('base64')}`, fingerprint: `SHA256:${digest}` };
};
