import { describe, expect, it } from 'vitest';
import { extensions, type Stop, stopSentence, stopsSoon } from './stop.ts';

const now = new Date('2026-11-20T15:00:00.000Z');
const givenStop = (changes: Partial<Stop> = {}): Stop => ({
  at: '2026-11-20T16:00:00.000Z',
  reason: 'idle',
  because: '2h after the last activity',
  extendableUntil: '2026-11-20T18:30:00.000Z',
  ...changes,
});

describe('stopSentence', () => {
  const zurich = { language: 'en-GB', zone: 'Europe/Zurich' };

  it('gives the time in the person’s time zone, and the reason', () => {
    expect(stopSentence(givenStop(), now, zurich)).toBe('Stops at 17:00, 2h after the last activity.');
  });

  it('ends with a single period', () => {
    expect(stopSentence(givenStop({ because: 'as every night.' }), now, zurich)).toBe(
      'Stops at 17:00, as every night.',
    );
  });

  it('does not promise a time that has passed', () => {
    const stop = givenStop({ at: '2026-11-20T14:59:00.000Z' });
    expect(stopSentence(stop, now, zurich)).toBe('Stopping now, 2h after the last activity.');
  });
});

describe('stopsSoon', () => {
  it('is true in the last 15 minutes', () => {
    expect(stopsSoon(givenStop(), now)).toBe(false);
    expect(stopsSoon(givenStop({ at: '2026-11-20T15:14:00.000Z' }), now)).toBe(true);
  });
});

describe('extensions', () => {
  it('disables extensions that would stop it sooner or exceed the template’s limit', () => {
    expect(extensions(givenStop(), now).map(({ minutes, refused }) => [minutes, refused])).toEqual([
      [30, 'sooner'],
      [60, 'sooner'],
      [120, undefined],
      [240, 'beyond'],
      [210, undefined],
    ]);
  });

  it('lists the longest once', () => {
    const stop = givenStop({ extendableUntil: '2026-11-20T17:00:00.000Z' });
    expect(extensions(stop, now).map(({ minutes }) => minutes)).toEqual([30, 60, 240, 120]);
  });

  it('offers nothing once the limit is reached', () => {
    const stop = givenStop({ extendableUntil: '2026-11-20T16:00:00.000Z' });
    expect(extensions(stop, now).every(({ refused }) => refused !== undefined)).toBe(true);
  });
});
