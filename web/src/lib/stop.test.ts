import { describe, expect, it } from 'vitest';
import { extensions, type Stop, stopSentence, stopsSoon } from './stop.ts';

const now = new Date('2026-11-20T15:00:00.000Z');
const givenStop = (changes: Partial<Stop> = {}): Stop => ({
  at: '2026-11-20T16:00:00.000Z',
  reason: 'idle',
  because: '2 h after the last keystroke',
  extendableUntil: '2026-11-20T18:30:00.000Z',
  ...changes,
});

describe('stopSentence', () => {
  const zurich = { language: 'en-GB', zone: 'Europe/Zurich' };

  it('says when, in the person’s own time, and why', () => {
    expect(stopSentence(givenStop(), now, zurich)).toBe('Stops at 17:00, 2 h after the last keystroke.');
  });

  it('ends in one full stop', () => {
    expect(stopSentence(givenStop({ because: 'as every night.' }), now, zurich)).toBe(
      'Stops at 17:00, as every night.',
    );
  });

  it('does not promise a time that has passed', () => {
    const stop = givenStop({ at: '2026-11-20T14:59:00.000Z' });
    expect(stopSentence(stop, now, zurich)).toBe('Stopping now, 2 h after the last keystroke.');
  });
});

describe('stopsSoon', () => {
  it('is the last quarter of an hour', () => {
    expect(stopsSoon(givenStop(), now)).toBe(false);
    expect(stopsSoon(givenStop({ at: '2026-11-20T15:14:00.000Z' }), now)).toBe(true);
  });
});

describe('extensions', () => {
  it('refuses what would stop it sooner and what is beyond the template’s bounds', () => {
    expect(extensions(givenStop(), now).map(({ minutes, refused }) => [minutes, refused])).toEqual([
      [30, 'sooner'],
      [60, 'sooner'],
      [120, undefined],
      [240, 'beyond'],
      [210, undefined],
    ]);
  });

  it('names the furthest once', () => {
    const stop = givenStop({ extendableUntil: '2026-11-20T17:00:00.000Z' });
    expect(extensions(stop, now).map(({ minutes }) => minutes)).toEqual([30, 60, 240, 120]);
  });

  it('offers nothing once the bound is reached', () => {
    const stop = givenStop({ extendableUntil: '2026-11-20T16:00:00.000Z' });
    expect(extensions(stop, now).every(({ refused }) => refused !== undefined)).toBe(true);
  });
});
