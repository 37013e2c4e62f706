import fc from 'fast-check';
import { expect, it } from 'vitest';
import { delayAfter, delayBefore } from './dial.ts';

it('waits between half and all of a time that doubles from 100 ms to 10 s', () => {
  expect([0, 1, 2, 6, 7, 50].map((attempt) => delayBefore(attempt, 1))).toEqual([100, 200, 400, 6_400, 10_000, 10_000]);
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const whole = delayBefore(attempt, 1);
      expect(delayBefore(attempt, random)).toBeGreaterThanOrEqual(whole / 2);
      expect(delayBefore(attempt, random)).toBeLessThanOrEqual(whole);
    }),
  );
});

it('moves to another replica within a second, however often it failed before', () => {
  expect([0, 0.5, 1].map((random) => delayAfter({ redirected: true }, 7, random))).toEqual([0, 500, 1_000]);
  expect(delayAfter({ ended: 'closed' }, 7, 1)).toBe(10_000);
});
