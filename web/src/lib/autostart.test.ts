import { expect, it } from 'vitest';
import { weekdays } from '../../../contracts/weekdays.ts';
import { dayName, daysWords, startSentence, timeZones } from './autostart.ts';

const now = new Date('2026-11-20T15:00:00.000Z');
const zurich = { language: 'en-GB', zone: 'Europe/Zurich' };

it('says when it starts, in the person’s own time', () => {
  expect(startSentence('2026-11-21T07:30:00.000Z', now, zurich)).toBe('Starts tomorrow at 08:30.');
  expect(startSentence('2026-11-23T07:30:00.000Z', now, zurich)).toMatch(/^Starts on Mon,? 23 Nov at 08:30\.$/);
  expect(startSentence('2026-11-20T14:59:30.000Z', now, zurich)).toBe('Starting now.');
});

it('says days in words', () => {
  expect(daysWords(['mon', 'tue', 'wed', 'thu', 'fri'], zurich)).toBe('Mon–Fri');
  expect(daysWords(['mon', 'wed', 'fri'], zurich)).toBe('Mon, Wed, Fri');
  expect(daysWords(['sat', 'sun'], zurich)).toBe('Sat, Sun');
  expect(daysWords(weekdays, zurich)).toBe('Every day');
  expect(dayName('sun', 'long', { language: 'de' })).toBe('Sonntag');
});

it('lists UTC and the zone that is set, each once', () => {
  const zones = timeZones('Asia/Kolkata', 'Europe/Berlin');
  expect(zones).toEqual(expect.arrayContaining(['UTC', 'Asia/Kolkata', 'Europe/Berlin']));
  expect(new Set(zones).size).toBe(zones.length);
});
