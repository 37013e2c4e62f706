import { expect, it } from 'vitest';
import { atLeast, atMost, isMet } from './figure.ts';
import { jsonLine, table } from './report.ts';

const slow = atMost('wait', 1.23456, 's', 1);
const quick = atLeast('rate', 2_345.67, 'requests/s', 2_000);

it('prints each figure with its goal and whether it is met', () => {
  expect(table([slow, quick]).split('\n')).toEqual([
    'figure  value  unit        goal',
    'wait    1.235  s           ≤ 1     missed',
    'rate    2346   requests/s  ≥ 2000  met',
  ]);
});

it('prints a figure as one line of JSON', () => {
  expect(JSON.parse(jsonLine(slow))).toEqual({ name: 'wait', value: 1.235, unit: 's', goal: 1, better: 'lower' });
});

it('meets a goal that is just reached', () => {
  expect([isMet(atMost('a', 1, 's', 1)), isMet(atLeast('b', 1, '/s', 1))]).toEqual([true, true]);
});
