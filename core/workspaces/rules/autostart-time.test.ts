import { describe, expect, test } from 'vitest';
import { weekdays } from '../../../contracts/values/weekdays.ts';
import type { Autostart } from '../../../contracts/workspaces/autostart.ts';
import { workspaceItem } from '../records/workspace-record.ts';
import { givenWorkspace } from '../testing/records.ts';
import { autostartAfterChange, autostartState, autostartView, nextAutostart } from './autostart-time.ts';

const everyDay = [...weekdays];
const given = (fields: Partial<Autostart> = {}): Autostart => ({
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  at: '08:30',
  timeZone: 'Europe/Berlin',
  ...fields,
});
const next = (fields: Partial<Autostart>, after: string) => nextAutostart(given(fields), new Date(after)).toISOString();

describe('the next autostart', () => {
  test('is today, tomorrow, or after the weekend', () => {
    expect(next({}, '2026-11-20T07:29:59.999Z')).toBe('2026-11-20T07:30:00.000Z');
    expect(next({}, '2026-11-19T07:30:00.000Z')).toBe('2026-11-20T07:30:00.000Z');
    expect(next({}, '2026-11-20T07:30:00.000Z')).toBe('2026-11-23T07:30:00.000Z');
  });

  test('is a week later when the time of its only day has passed', () => {
    expect(next({ days: ['fri'] }, '2026-11-20T07:30:00.000Z')).toBe('2026-11-27T07:30:00.000Z');
  });

  test('uses the weekday in its time zone', () => {
    // It is Saturday in Apia, and still Thursday in Honolulu.
    const after = '2026-11-20T09:59:00.000Z';
    expect(next({ days: ['sat'], at: '00:30', timeZone: 'Pacific/Apia' }, '2026-11-20T11:00:00.000Z')).toBe(
      '2026-11-20T11:30:00.000Z',
    );
    expect(next({ days: ['thu'], at: '23:59', timeZone: 'Pacific/Honolulu' }, after)).toBe('2026-11-27T09:59:00.000Z');
    expect(next({ days: ['thu'], at: '23:59', timeZone: 'Pacific/Honolulu' }, '2026-11-20T09:58:00.000Z')).toBe(after);
    expect(next({ timeZone: 'Asia/Kolkata' }, '2026-11-20T00:00:00.000Z')).toBe('2026-11-20T03:00:00.000Z');
  });

  test('keeps its local time when daylight saving time begins or ends', () => {
    expect(next({ days: everyDay }, '2026-10-24T12:00:00.000Z')).toBe('2026-10-25T07:30:00.000Z');
    expect(next({ days: everyDay }, '2026-03-28T12:00:00.000Z')).toBe('2026-03-29T06:30:00.000Z');
  });

  test.each([
    ['Europe/Berlin', '02:30', '2026-03-28T12:00:00.000Z', '2026-03-29T01:00:00.000Z'],
    ['America/New_York', '02:15', '2026-03-07T12:00:00.000Z', '2026-03-08T07:00:00.000Z'],
    ['Australia/Lord_Howe', '02:10', '2026-10-03T12:00:00.000Z', '2026-10-03T15:30:00.000Z'],
    ['Pacific/Apia', '08:00', '2011-12-29T20:00:00.000Z', '2011-12-30T10:00:00.000Z'],
  ])('in %s, at %s of a night that skips this time, is the instant of the change', (timeZone, at, after, moment) => {
    expect(next({ days: everyDay, at, timeZone }, after)).toBe(moment);
  });

  test.each([
    ['Europe/Berlin', '02:30', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
    ['America/New_York', '01:30', '2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z'],
    ['Australia/Lord_Howe', '01:45', '2026-04-04T14:45:00.000Z', '2026-04-05T15:15:00.000Z'],
  ])('in %s, at %s of a night that has this time twice, happens only at the first', (timeZone, at, first, moment) => {
    const before = new Date(Date.parse(first) - 3_600_000).toISOString();
    expect(next({ days: everyDay, at, timeZone }, before)).toBe(first);
    expect(next({ days: everyDay, at, timeZone }, first)).toBe(moment);
  });
});

const now = new Date('2026-11-20T10:00:00.000Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
const followingMonday = '2026-11-23T07:30:00.000Z';

test('a missed autostart still happens within an hour, and not later', () => {
  const state = (autostartAt?: string) => autostartState(givenWorkspace({ autostart: given(), autostartAt }), now);
  expect(state()).toBe('waiting');
  expect(state(hoursAgo(-1))).toBe('waiting');
  expect(state(hoursAgo(0))).toBe('due');
  expect(state(hoursAgo(1))).toBe('due');
  expect(state(hoursAgo(1.01))).toBe('late');
});

describe('the stored time of the next autostart', () => {
  const stopped = givenWorkspace({ autostart: given(), desired: 'stopped', status: 'stopped' });
  const up = { ...stopped, desired: 'running' as const, status: 'running' as const };

  test('exists only while an autostart is set', () => {
    expect(autostartAfterChange(stopped, { ...stopped, autostartAt: undefined }, now)).toBe(followingMonday);
    expect(autostartAfterChange(stopped, { ...stopped, autostart: undefined, autostartAt: hoursAgo(-1) }, now)).toBe(
      undefined,
    );
  });

  test('moves forward when it came while the workspace ran or was starting', () => {
    const stops = { ...stopped, autostartAt: hoursAgo(0.1) };
    for (const before of [up, { ...up, status: 'starting' as const }, { ...up, status: 'stopping' as const }])
      expect(autostartAfterChange(before, stops, now)).toBe(followingMonday);
  });

  test('stays when it came while the workspace was stopping, so that it starts afterwards', () => {
    const stops = { ...stopped, autostartAt: hoursAgo(0.1) };
    for (const status of ['stopping', 'canceling', 'failed'] as const)
      expect(autostartAfterChange({ ...stopped, status }, stops, now)).toBe(hoursAgo(0.1));
    expect(autostartAfterChange({ ...up, status: 'failed' }, stops, now)).toBe(hoursAgo(0.1));
  });

  test('is shown while the workspace runs, and not while it is being deleted', () => {
    expect(autostartView({ ...up, autostartAt: hoursAgo(2) }, now)).toEqual({ ...given(), next: followingMonday });
    expect(autostartView({ ...up, desired: 'deleted' }, now)).toBeUndefined();
  });

  test('puts only a settled workspace into the index of due autostarts', () => {
    const due = (fields: object) =>
      workspaceItem({ ...stopped, autostartAt: hoursAgo(0), ...fields })
        ['duePk']?.toString()
        .split('#')[0];
    expect(due({})).toBe('autostart');
    expect(due({ status: 'failed', desired: 'running' })).toBe('autostart');
    expect(due({ status: 'failed' })).toBe('unfinished');
    expect(due({ status: 'running', desired: 'running', stopAt: hoursAgo(-1) })).toBe('running');
    expect(due({ build: { ...stopped.build, status: 'running' } })).toBe('building');
    expect(due({ status: 'deleted' })).toBeUndefined();
    expect(due({ autostartAt: undefined })).toBeUndefined();
  });
});
