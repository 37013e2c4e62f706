import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { algorithm, describeKey, publicBlob, publicBytes, string, uint32 } from '../../crypto/openssh.ts';

/** Precedes the 32 bytes of an Ed25519 seed in PKCS #8 (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** OpenSSH's own format (PROTOCOL.key), without a passphrase, because the agent keeps it in memory only. */
const openSshPrivateKey = (seed: Buffer, publicKey: KeyObject): string => {
  const bytes = publicBytes(publicKey);
  // Two equal check numbers, then the key, a comment, and the padding 1, 2, 3 … to a multiple of 8 bytes.
  const unpadded = Buffer.concat([
    uint32(0),
    uint32(0),
    string(algorithm),
    string(bytes),
    string(Buffer.concat([seed, bytes])),
    string(''),
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (unpadded.length % 8)) % 8));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(publicBlob(publicKey)),
    string(Buffer.concat([unpadded, padding])),
  ]);
  const lines = body.toString('base64').replace(/.{70}(?=.)/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
};

export interface HostKey {
  /** For the agent, in OpenSSH's format. */
  privateKey: string;
  /** For SSH clients: `ssh-ed25519 AAAA…`. */
  publicKey: string;
}

/**
 * The host key of a workspace's SSH server. It is derived from the installation's agent key and the workspace's ID, so
 * it stays the same after every rebuild and is not stored.
 */
export const hostKeyOf = (agentKey: string, workspaceId: string): HostKey => {
  const seed = Buffer.from(hkdfSync('sha256', agentKey, '', `ssh-host-key:${workspaceId}`, 32));
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key);
  return { privateKey: openSshPrivateKey(seed, publicKey), publicKey: describeKey(publicKey).publicKey };
};
