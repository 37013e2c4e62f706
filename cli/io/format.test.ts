import { expect, it } from 'vitest';
import { duration, table } from './format.ts';

it('aligns columns without trailing blanks', () => {
  expect(
    table(
      ['NAME', 'STATUS', 'STOPS'],
      [
        ['demo', 'running', 'in 2 h 0 min'],
        ['a-long-name', 'stopped', ''],
      ],
    ),
  ).toBe('NAME         STATUS   STOPS\ndemo         running  in 2 h 0 min\na-long-name  stopped\n');
});

it('escapes control characters in cells', () => {
  expect(table(['NAME'], [['x\u001b[2J\ny']])).toBe('NAME\nx\\u001b[2J\\u000ay\n');
});

it.each([
  [0, '0.0 s'],
  [-5, '0.0 s'],
  [432, '0.4 s'],
  [9_960, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 0 s'],
  [7_080_000, '1 h 58 min'],
  [3 * 86_400_000, '3 d 0 h'],
])('formats %d ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
