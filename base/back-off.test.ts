import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backOffMs, equalJitter, fullJitter, noJitter } from './back-off.ts';

const delays = { firstDelayMs: 100, longestDelayMs: 1_000 };

it('doubles the delay with each failure, up to the longest', () => {
  const backOff = { ...delays, jitter: noJitter };
  expect([1, 2, 3, 4, 5, 6, 2_000].map((failures) => backOffMs(failures, backOff))).toEqual([
    100, 200, 400, 800, 1_000, 1_000, 1_000,
  ]);
});

it.each([fullJitter, equalJitter, [1, 1.5] as const])('keeps within a jitter of %s to %s', (...jitter) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const whole = backOffMs(failures, { ...delays, jitter: noJitter });
      const delay = backOffMs(failures, { ...delays, jitter }, { random });
      expect(delay).toBeGreaterThanOrEqual(whole * jitter[0]);
      expect(delay).toBeLessThanOrEqual(whole * jitter[1]);
    }),
  );
});

it('waits as long as the other side requests, up to the longest delay', () => {
  const backOff = { ...delays, jitter: noJitter };
  expect([50, 700, 60_000].map((atLeastMs) => backOffMs(1, backOff, { atLeastMs }))).toEqual([100, 700, 1_000]);
});
