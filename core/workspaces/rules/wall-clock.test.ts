import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wallClock } from './wall-clock.ts';

const first = (timeZone: string, shown: string): string =>
  new Date(wallClock(timeZone).firstInstantOf(Date.parse(`${shown}:00Z`))).toISOString();

test.each([
  ['Europe/Berlin', '2026-07-01T08:30', '2026-07-01T06:30'],
  ['Europe/Berlin', '2026-12-01T08:30', '2026-12-01T07:30'],
  ['America/New_York', '2026-07-01T00:00', '2026-07-01T04:00'],
  ['Asia/Kolkata', '2026-07-01T08:30', '2026-07-01T03:00'],
  ['Pacific/Kiritimati', '2026-07-01T08:30', '2026-06-30T18:30'],
  ['UTC', '2026-07-01T08:30', '2026-07-01T08:30'],
])('in %s, the local time %s is %s UTC', (timeZone, shown, at) => {
  expect(first(timeZone, shown)).toBe(`${at}:00.000Z`);
});

test.each([
  ['Europe/Berlin', '2026-03-29T01:59', '2026-03-29T00:59'],
  ['Europe/Berlin', '2026-03-29T02:00', '2026-03-29T01:00'],
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00'],
  ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00'],
  ['Europe/Berlin', '2026-03-29T03:01', '2026-03-29T01:01'],
  ['America/New_York', '2026-03-08T02:15', '2026-03-08T07:00'],
  ['Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:30'],
  ['Australia/Lord_Howe', '2026-10-04T02:30', '2026-10-03T15:30'],
  // The change is at 23:00, so the skipped time is the end of a day.
  ['America/Nuuk', '2026-03-28T23:30', '2026-03-29T01:00'],
  // A whole day was skipped.
  ['Pacific/Apia', '2011-12-29T08:00', '2011-12-29T18:00'],
  ['Pacific/Apia', '2011-12-30T08:00', '2011-12-30T10:00'],
  ['Pacific/Apia', '2011-12-31T08:00', '2011-12-30T18:00'],
])('in %s, the skipped local time %s is the instant of the change', (timeZone, shown, at) => {
  expect(first(timeZone, shown)).toBe(`${at}:00.000Z`);
});

test.each([
  ['Europe/Berlin', '2026-10-25T01:59', '2026-10-24T23:59'],
  ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30'],
  ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00'],
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30'],
  ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45'],
  ['Australia/Lord_Howe', '2026-04-05T02:00', '2026-04-04T15:30'],
])('in %s, the repeated local time %s is the first of the two', (timeZone, shown, at) => {
  expect(first(timeZone, shown)).toBe(`${at}:00.000Z`);
});

test('the first instant of a local time is that instant or, after the clocks were set back, an earlier one', () => {
  const minutes = fc.integer({ min: Date.UTC(2015, 0) / 60_000, max: Date.UTC(2040, 0) / 60_000 });
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  fc.assert(
    fc.property(zones, minutes, (timeZone, minute) => {
      const at = minute * 60_000;
      const clock = wallClock(timeZone);
      const found = clock.firstInstantOf(clock.localTimeAt(at));
      expect(clock.localTimeAt(found)).toBe(clock.localTimeAt(at));
      expect(found).toBeLessThanOrEqual(at);
      // At the Casey station clocks are sometimes set back by three hours; nowhere by more.
      expect(at - found).toBeLessThanOrEqual(3 * 3_600_000);
    }),
    { numRuns: 2_000 },
  );
});

test('an unknown time zone is an error', () => {
  expect(() => wallClock('Mars/Olympus')).toThrow(RangeError);
});
