import { expect, test } from 'vitest';
import { hostKeyOf } from './host-key.ts';

test('the key is the same for a workspace, and different for another workspace or installation', () => {
  const first = hostKeyOf('key', 'ws-1');
  expect(hostKeyOf('key', 'ws-1')).toEqual(first);
  const others = [hostKeyOf('key', 'ws-2'), hostKeyOf('other', 'ws-1')];
  expect(new Set([first, ...others].map(({ publicKey }) => publicKey)).size).toBe(3);
});

test('the key is in OpenSSH’s format; ssh-keygen -y prints this public key for the private one', () => {
  const { privateKey, publicKey } = hostKeyOf('key', 'ws-1');
  expect(publicKey).toBe('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPXfnD6QGoZ3l3hVI6Qlr4g1PpZUYcAKxAnl/GVyT7gn');
  expect(privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ/);
  expect(privateKey).toMatch(/\nPpZUYcAKxAnl\/GVyT7gnAAAAAAECAwQF\n-----END OPENSSH PRIVATE KEY-----\n$/);
});
