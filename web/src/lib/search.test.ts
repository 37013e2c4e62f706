import { expect, it } from 'vitest';
import { given, oneOf, parseSearch, stringifySearch, text } from './search.ts';

it('reads an address as plain text, never as numbers or JSON', () => {
  expect(parseSearch('?q=12&by=%7B%22a%22%3A1%7D')).toEqual({ q: '12', by: '{"a":1}' });
});

it('writes what is given, and nothing where nothing is', () => {
  expect(stringifySearch({ q: 'a b&c', by: '', sort: undefined })).toBe('?q=a+b%26c');
  expect(stringifySearch({ q: undefined })).toBe('');
});

it('takes only what is text, and only words that it knows', () => {
  expect([text('x'), text(''), text(1), text(undefined)]).toEqual(['x', undefined, undefined, undefined]);
  expect([oneOf(['a', 'b'], 'b'), oneOf(['a', 'b'], 'c')]).toEqual(['b', undefined]);
  expect(given({ a: 'x', b: undefined })).toEqual({ a: 'x' });
});
