import { expect, it } from 'vitest';
import { duration, table } from './format.ts';

it('aligns columns without trailing blanks', () => {
  expect(
    table(
      ['NAME', 'STATUS', 'STOPS'],
      [
        ['demo', 'running', 'in 2h 0m'],
        ['a-long-name', 'stopped', ''],
      ],
    ),
  ).toBe('NAME         STATUS   STOPS\ndemo         running  in 2h 0m\na-long-name  stopped\n');
});

it('escapes control characters in cells', () => {
  expect(table(['NAME'], [['x\u001b[2J\ny']])).toBe('NAME\nx\\u001b[2J\\u000ay\n');
});

it.each([
  [0, '0.0s'],
  [-5, '0.0s'],
  [432, '0.4s'],
  [9_960, '10s'],
  [59_400, '59s'],
  [59_600, '1m 0s'],
  [7_080_000, '1h 58m'],
  [3 * 86_400_000, '3d 0h'],
])('formats %d ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
