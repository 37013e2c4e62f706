import { expect, test } from 'vitest';
import { agentToken, hashSecret, newSecret, readAgentToken, sameText } from './secrets.ts';

const id = 'ws-01jd000000000000000000000a';

test('an agent token is valid only with the key that signed it', () => {
  const token = agentToken('key', id, 3);
  expect(readAgentToken('key', token)).toEqual({ workspaceId: id, buildNumber: 3 });
  expect(readAgentToken('other key', token)).toBeUndefined();
});

test.each([
  ['another build', agentToken('key', id, 3).replace('.3.', '.4.')],
  ['another workspace', agentToken('key', id, 3).replace('0a.', '0b.')],
  ['more parts', `${agentToken('key', id, 3)}.x`],
  ['another spelling of the number', agentToken('key', id, 3).replace('.3.', '.03.')],
  ['nothing', ''],
])('a token changed to %s is refused', (_, token) => {
  expect(readAgentToken('key', token)).toBeUndefined();
});

test('secrets differ, and a hash does not contain its secret', () => {
  const secret = newSecret();
  expect(newSecret()).not.toBe(secret);
  expect(hashSecret(secret)).not.toContain(secret);
  expect(sameText(secret, secret)).toBe(true);
  expect(sameText(secret, `${secret} `)).toBe(false);
});
