import { describe, expect, it } from 'vitest';
import { median, percentile } from './percentile.ts';

const tenDown = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

describe('a percentile', () => {
  it.each([
    [50, 5],
    [95, 10],
    [90, 9],
    [100, 10],
    [0, 1],
  ])('of %i is a sample that so many do not exceed', (percent, expected) => {
    expect(percentile(tenDown, percent)).toBe(expected);
  });

  it('of one sample is that sample', () => {
    expect([percentile([7], 1), median([7]), percentile([7], 99)]).toEqual([7, 7, 7]);
  });

  it('of none is an error, not a number', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
