import { expect, test } from 'vitest';
import { judgeNode, judgeSsh } from './machine.ts';
import { judgeClock } from './server.ts';

test.each([
  ['24.1.0', 'ok'],
  ['26.0.0', 'ok'],
  ['22.11.0', 'ok'],
  ['20.19.0', 'ok'],
  ['18.20.8', 'fail'],
])('Node %s: %s', (version, level) => expect(judgeNode(version).level).toBe(level));

test('a machine without ssh', async () => {
  expect(await judgeSsh('no-such-ssh')).toMatchObject({
    level: 'warn',
    what: expect.stringContaining('There is no ssh'),
  });
});

test.each([
  [0, 'ok', 'by 1 s'],
  [60_000, 'ok', 'by 60 s'],
  [61_500, 'fail', '61 s ahead'],
  [-60_500, 'fail', '61 s behind'],
])('a clock that differs by %d ms: %s', (skew, level, words) => {
  const at = Date.parse('2026-01-01T00:00:00Z');
  const verdict = judgeClock(new Date(at).toUTCString(), at + skew, 0);
  expect(verdict).toMatchObject({ level, what: expect.stringContaining(words) });
});

test('half of the way there and back is no skew', () => {
  const at = Date.parse('2026-01-01T00:00:00Z');
  expect(judgeClock(new Date(at).toUTCString(), at + 65_000, 10_000).level).toBe('ok');
  expect(judgeClock(null, at, 0).level).toBe('warn');
});
