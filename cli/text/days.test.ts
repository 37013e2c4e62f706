import { expect, test } from 'vitest';
import { daysText, readDays } from './days.ts';

test.each([
  ['mon-fri', ['mon', 'tue', 'wed', 'thu', 'fri'], 'mon-fri'],
  ['Wed,mon', ['mon', 'wed'], 'mon,wed'],
  ['fri, sat-mon', ['mon', 'fri', 'sat', 'sun'], 'mon,fri,sat,sun'],
  ['mon-sun', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 'mon-sun'],
  ['sun', ['sun'], 'sun'],
  ['tue-tue,tue', ['tue'], 'tue'],
  ['sat-sun', ['sat', 'sun'], 'sat,sun'],
])('%s', (text, days, shown) => {
  expect(readDays(text)).toEqual(days);
  expect(daysText(readDays(text))).toBe(shown);
});

test.each(['', 'monday', 'mon-', 'mon-wed-fri', 'mon,,tue', '1-5'])('"%s" are no days', (text) => {
  expect(() => readDays(text)).toThrow(/Write them like mon-fri/);
});
