import { describe, expect, it } from 'vitest';
import { announcement, elapsedMs, stepProgress, stepTime } from './steps.ts';

const startedAt = '2026-11-20T15:00:00.000Z';
const now = new Date('2026-11-20T15:00:03.000Z');
const english = { language: 'en' };

describe('a running step', () => {
  it('is timed until now, and never negative if clocks differ', () => {
    expect(elapsedMs({ startedAt }, now)).toBe(3_000);
    expect(elapsedMs({ startedAt }, new Date('2026-11-20T14:59:00Z'))).toBe(0);
    expect(stepTime({ startedAt }, now, english)).toBe('3.0s');
    expect(stepTime({ startedAt, usualMs: 3_900 }, now, english)).toBe('3.0s, usually 3.9s');
  });

  it('shows its progress, which stops short of the end', () => {
    expect(stepProgress({ startedAt, usualMs: 6_000 }, now)).toBe(50);
    expect(stepProgress({ startedAt, usualMs: 1_000 }, now)).toBe(95);
    expect(stepProgress({ startedAt, usualMs: 0 }, now)).toBe(95);
    expect(stepProgress({ startedAt }, now)).toBeUndefined();
  });
});

describe('a step that ended', () => {
  const ended = { startedAt, endedAt: '2026-11-20T15:00:04.200Z', usualMs: 3_900 };

  it('keeps its time', () => {
    expect(stepTime(ended, new Date('2026-11-21T00:00:00Z'), english)).toBe('4.2s, usually 3.9s');
    expect(stepProgress(ended, now)).toBeUndefined();
  });
});

describe('announcement', () => {
  it('names the running step', () => {
    const steps = [
      { title: 'Prepare', status: 'succeeded' as const },
      { title: 'Startup script', status: 'running' as const, message: 'It waits.' },
    ];
    expect(announcement({ name: 'demo', status: 'starting', steps })).toBe(
      'demo is starting: Startup script. It waits.',
    );
    expect(announcement({ name: 'demo', status: 'running', steps: [] })).toBe('demo is running.');
  });
});
