import { expect, test } from 'vitest';
import { hostKeyOf } from './host-key.ts';

test('a workspace has one key; another workspace, and another installation, another one', () => {
  const first = hostKeyOf('key', 'ws-1');
  expect(hostKeyOf('key', 'ws-1')).toEqual(first);
  const others = [hostKeyOf('key', 'ws-2'), hostKeyOf('other', 'ws-1')];
  expect(new Set([first, ...others].map(({ publicKey }) => publicKey)).size).toBe(3);
});

test('it is in OpenSSH’s format, whose ssh-keygen -y reads this public key from the private one', () => {
  const { privateKey, publicKey } = hostKeyOf('key', 'ws-1');
  expect(publicKey).toBe('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPXfnD6QGoZ3l3hVI6Qlr4g1PpZUYcAKxAnl/GVyT7gn');
  expect(privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ/);
  expect(privateKey).toMatch(/\nPpZUYcAKxAnl\/GVyT7gnAAAAAAECAwQF\n-----END OPENSSH PRIVATE KEY-----\n$/);
});
