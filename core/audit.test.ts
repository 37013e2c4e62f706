import { expect, test } from 'vitest';
import { auditEventOf, chainStart, hashOf, recordActs } from './audit.ts';
import type { Item } from './ports.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const acts = [
  { action: 'workspace.create' as const, actor: 'system' as const, details: { name: 'demo' } },
  { action: 'build.begin' as const, actor: 'system' as const },
];

const events = () =>
  recordActs('ws-1', chainStart, acts, now).changes.map((change) =>
    auditEventOf('put' in change ? (change.put as Item) : undefined),
  );

test('acts are numbered and chained per subject', () => {
  const [first, second] = events();
  expect([first?.seq, second?.seq]).toEqual([1, 2]);
  expect(second?.previous).toBe(first?.hash);
  expect(first?.id).toBe('ws-1#1');
});

test('a changed event no longer has its hash', () => {
  const [first] = events();
  if (first === undefined) throw new Error('no event');
  expect(hashOf(first)).toBe(first.hash);
  expect(hashOf({ ...first, actor: 'p-mallory' })).not.toBe(first.hash);
});
