import { expect, test } from 'vitest';
import { checkNode, checkSsh } from './machine.ts';
import { checkClock } from './server.ts';

test.each([
  ['24.1.0', 'ok'],
  ['26.0.0', 'ok'],
  ['22.11.0', 'ok'],
  ['20.19.0', 'ok'],
  ['18.20.8', 'fail'],
])('Node %s: %s', (version, level) => expect(checkNode(version).level).toBe(level));

test('warns if ssh is not installed', async () => {
  expect(await checkSsh('no-such-ssh')).toMatchObject({
    level: 'warn',
    what: expect.stringContaining('ssh is not installed'),
  });
});

test.each([
  [0, 'ok', 'by 1s'],
  [60_000, 'ok', 'by 60s'],
  [61_500, 'fail', '61s ahead'],
  [-60_500, 'fail', '61s behind'],
])('a clock skew of %d ms: %s', (skew, level, text) => {
  const at = Date.parse('2026-01-01T00:00:00Z');
  const verdict = checkClock(new Date(at).toUTCString(), at + skew, 0);
  expect(verdict).toMatchObject({ level, what: expect.stringContaining(text) });
});

test('half of the round trip is not counted as skew', () => {
  const at = Date.parse('2026-01-01T00:00:00Z');
  expect(checkClock(new Date(at).toUTCString(), at + 65_000, 10_000).level).toBe('ok');
  expect(checkClock(null, at, 0).level).toBe('warn');
});
