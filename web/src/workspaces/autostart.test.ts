import { expect, it } from 'vitest';
import { weekdays } from '../../../contracts/values/weekdays.ts';
import { dayName, formatDays, startSentence, timeZones } from './autostart.ts';

const now = new Date('2026-11-20T15:00:00.000Z');
const zurich = { language: 'en-GB', zone: 'Europe/Zurich' };

it('gives the next start in the person’s time zone', () => {
  expect(startSentence('2026-11-21T07:30:00.000Z', now, zurich)).toBe('Starts tomorrow at 08:30.');
  expect(startSentence('2026-11-23T07:30:00.000Z', now, zurich)).toMatch(/^Starts on Mon,? 23 Nov at 08:30\.$/);
  expect(startSentence('2026-11-20T14:59:30.000Z', now, zurich)).toBe('Starting now.');
});

it('formats days', () => {
  expect(formatDays(['mon', 'tue', 'wed', 'thu', 'fri'], zurich)).toBe('Mon–Fri');
  expect(formatDays(['mon', 'wed', 'fri'], zurich)).toBe('Mon, Wed, Fri');
  expect(formatDays(['sat', 'sun'], zurich)).toBe('Sat, Sun');
  expect(formatDays(weekdays, zurich)).toBe('Every day');
  expect(dayName('sun', 'long', { language: 'de' })).toBe('Sonntag');
});

it('lists UTC and the given zones once', () => {
  const zones = timeZones('Asia/Kolkata', 'Europe/Berlin');
  expect(zones).toEqual(expect.arrayContaining(['UTC', 'Asia/Kolkata', 'Europe/Berlin']));
  expect(new Set(zones).size).toBe(zones.length);
});
