import { expect, test } from 'vitest';
import { mayShareWith } from './sharing-limits.ts';

test.each([
  ['none', 'person', false],
  ['people', 'person', true],
  ['people', 'group', false],
  ['groups', 'person', true],
  ['groups', 'everyone', false],
  ['everyone', 'everyone', true],
] as const)('with the limit %s, something is shared with a %s: %s', (limit, kind, expected) => {
  expect(mayShareWith(limit, kind)).toBe(expected);
});
