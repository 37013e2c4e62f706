import { expect, it } from 'vitest';
import { nonEmptyText, oneOf, parseSearch, stringifySearch, withoutUndefined } from './searchParams.ts';

it('reads parameters as plain text, never as numbers or JSON', () => {
  expect(parseSearch('?q=12&by=%7B%22a%22%3A1%7D')).toEqual({ q: '12', by: '{"a":1}' });
});

it('omits empty and undefined values', () => {
  expect(stringifySearch({ q: 'a b&c', by: '', sort: undefined })).toBe('?q=a+b%26c');
  expect(stringifySearch({ q: undefined })).toBe('');
});

it('accepts only text, and only known words', () => {
  expect([nonEmptyText('x'), nonEmptyText(''), nonEmptyText(1), nonEmptyText(undefined)]).toEqual([
    'x',
    undefined,
    undefined,
    undefined,
  ]);
  expect([oneOf(['a', 'b'], 'b'), oneOf(['a', 'b'], 'c')]).toEqual(['b', undefined]);
  expect(withoutUndefined({ a: 'x', b: undefined })).toEqual({ a: 'x' });
});
