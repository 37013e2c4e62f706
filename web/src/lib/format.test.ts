import { describe, expect, it } from 'vitest';
import { formatAgo, formatDuration, formatWhen } from './format.ts';

const british = { language: 'en-GB', zone: 'Europe/Zurich' };

describe('formatDuration', () => {
  it.each([
    [-500, '0.0s'],
    [4_210, '4.2s'],
    [9_949, '9.9s'],
    [9_960, '10s'],
    [42_400, '42s'],
    [59_700, '1m'],
    [200_000, '3m 20s'],
    [3_599_900, '1h'],
    [7_500_000, '2h 5m'],
    [273_600_000, '3d 4h'],
  ])('formats %d ms as %s', (ms, text) => {
    expect(formatDuration(ms, { language: 'en' })).toBe(text);
  });

  it('uses the person’s language', () => {
    expect(formatDuration(4_210, { language: 'de' })).toBe('4,2 Sek.');
  });
});

describe('formatWhen', () => {
  const now = new Date('2026-11-20T15:00:00Z');

  it('is only the time for today', () => {
    expect(formatWhen(new Date('2026-11-20T18:04:00Z'), now, british)).toBe('at 19:04');
  });

  it('finds tomorrow in the person’s time zone', () => {
    expect(formatWhen(new Date('2026-11-20T23:30:00Z'), now, british)).toBe('tomorrow at 00:30');
    expect(formatWhen(new Date('2026-11-20T23:30:00Z'), now, { ...british, zone: 'UTC' })).toBe('at 23:30');
  });

  it('names the day after tomorrow', () => {
    expect(formatWhen(new Date('2026-11-24T08:00:00Z'), now, british)).toMatch(/^on Tue,? 24 Nov at 09:00$/);
  });
});

describe('formatAgo', () => {
  const now = new Date('2026-11-20T15:00:00Z');

  it.each([
    ['2026-11-20T14:59:40Z', 'just now'],
    ['2026-11-20T15:00:10Z', 'just now'],
    ['2026-11-20T14:57:00Z', '3 minutes ago'],
    ['2026-11-20T12:30:00Z', '2 hours ago'],
    ['2026-11-19T14:00:00Z', 'yesterday'],
  ])('formats %s as %s', (at, text) => {
    expect(formatAgo(new Date(at), now, { language: 'en' })).toBe(text);
  });
});
