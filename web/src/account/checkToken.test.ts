import { expect, it } from 'vitest';
import { checkToken } from './checkToken.ts';

it('accepts what the server accepts', () => {
  expect(checkToken('laptop', 1)).toEqual({});
  expect(checkToken('x'.repeat(60), 365)).toEqual({});
});

it.each([
  ['', 90, ['name']],
  ['   ', 90, ['name']],
  ['x'.repeat(61), 90, ['name']],
  ['laptop', 0, ['days']],
  ['laptop', 366, ['days']],
  ['laptop', 1.5, ['days']],
  ['laptop', '', ['days']],
  ['', '', ['name', 'days']],
])('rejects the name %j with %j days', (name, days, fields) => {
  expect(Object.keys(checkToken(name, days))).toEqual(fields);
});
