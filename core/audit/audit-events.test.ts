import { expect, test } from 'vitest';
import type { Item } from '../ports/table.ts';
import { auditEventOf, chainStart, hashOf, recordAuditEvents } from './audit-events.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const auditEvents = [
  { action: 'workspace.create' as const, actor: 'system' as const, details: { name: 'demo' } },
  { action: 'build.begin' as const, actor: 'system' as const },
];

const events = () =>
  recordAuditEvents('ws-1', chainStart, auditEvents, now).changes.map((change) =>
    auditEventOf('put' in change ? (change.put as Item) : undefined),
  );

test('audit events are numbered and chained per subject', () => {
  const [first, second] = events();
  expect([first?.seq, second?.seq]).toEqual([1, 2]);
  expect(second?.previous).toBe(first?.hash);
  expect(first?.id).toMatch(/^ws-1#1-[0-9a-f]{16}$/);
});

test('an event ID depends on the event and its time, so that a repeated number gets another ID', () => {
  const at = (moment: Date) => recordAuditEvents('ws-1', chainStart, auditEvents.slice(0, 1), moment).changes[0];
  const id = (moment: Date) => {
    const change = at(moment);
    return change !== undefined && 'put' in change ? auditEventOf(change.put as Item)?.id : undefined;
  };
  expect(id(now)).toBe(id(now));
  expect(id(now)).not.toBe(id(new Date(now.getTime() + 1)));
});

test('a changed event no longer has its hash', () => {
  const [first] = events();
  if (first === undefined) throw new Error('no event');
  expect(hashOf(first)).toBe(first.hash);
  expect(hashOf({ ...first, actor: 'p-mallory' })).not.toBe(first.hash);
});
