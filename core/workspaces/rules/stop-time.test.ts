import { expect, test } from 'vitest';
import { StopPolicy } from '../../../contracts/templates/template-file.ts';
import { givenWorkspace, now } from '../testing/records.ts';
import { extendableUntil, stopTime, stopView } from './stop-time.ts';

const after = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const running = (fields: object, policy: object = {}) =>
  givenWorkspace({ status: 'running', startedAt: now.toISOString(), stopPolicy: StopPolicy.parse(policy), ...fields });

test('an unused workspace stops its idle timeout after it started', () => {
  expect(stopTime(running({}))).toEqual({ at: after(120), reason: 'idle' });
});

test('activity postpones the stop', () => {
  const workspace = running({ lastActivityAt: after(30).toISOString(), stopAt: after(150).toISOString() });
  expect(stopTime(workspace)).toEqual({ at: after(150), reason: 'idle' });
  expect(stopView(workspace, after(30))?.because).toBe('2h after the last activity');
});

test('an extension moves the idle stop, and never shortens it', () => {
  expect(stopTime(running({ extendedUntil: after(300).toISOString() }))?.at).toEqual(after(300));
  expect(stopTime(running({ extendedUntil: after(10).toISOString() }))?.at).toEqual(after(120));
});

test('activity and extensions do not move the hard deadline', () => {
  const policy = { maxRuntime: '3h' };
  const workspace = running({ extendedUntil: after(600).toISOString(), stopAt: after(180).toISOString() }, policy);
  expect(stopTime(workspace)).toEqual({ at: after(180), reason: 'deadline' });
  expect(stopView(workspace, now)?.because).toBe('3h after it started, the maximum that its template allows');
  expect(extendableUntil(workspace, after(60))).toEqual(after(180));
});

test('a workspace that does not run has no stop time', () => {
  expect(stopTime(givenWorkspace())).toBeUndefined();
});
