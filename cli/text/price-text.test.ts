import { expect, it } from 'vitest';
import { priceText } from './price-text.ts';

it.each([
  [{ runningPerHour: 0.12, stoppedPerHour: 0.01 }, '0.12 per hour while running, 0.01 per hour while stopped'],
  [{ runningPerHour: 0, stoppedPerHour: 0 }, 'no price is set'],
])('%j is written as %j', (prices, text) => {
  expect(priceText(prices)).toBe(text);
});
