import { expect, test } from 'vitest';
import { daysText, parseDays } from './days.ts';

test.each([
  ['mon-fri', ['mon', 'tue', 'wed', 'thu', 'fri'], 'mon-fri'],
  ['Wed,mon', ['mon', 'wed'], 'mon,wed'],
  ['fri, sat-mon', ['mon', 'fri', 'sat', 'sun'], 'mon,fri,sat,sun'],
  ['mon-sun', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 'mon-sun'],
  ['sun', ['sun'], 'sun'],
  ['tue-tue,tue', ['tue'], 'tue'],
  ['sat-sun', ['sat', 'sun'], 'sat,sun'],
])('%s', (text, days, shown) => {
  expect(parseDays(text)).toEqual(days);
  expect(daysText(parseDays(text))).toBe(shown);
});

test.each(['', 'monday', 'mon-', 'mon-wed-fri', 'mon,,tue', '1-5'])('"%s" is refused', (text) => {
  expect(() => parseDays(text)).toThrow(/Use for example mon-fri/);
});
