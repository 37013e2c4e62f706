import { expect, it } from 'vitest';
import { sanitizeMessage } from './sanitize-message.ts';

it.each(['\u0000', '\t', '\n', '\u001f', '\u007f', '\u0080', '\u009f', '\u00a0', '\u2028', '\u2029'])(
  'replaces %j by one space',
  (character) => {
    expect(sanitizeMessage(`a${character}${character}b`)).toBe('a b');
  },
);

it('keeps letters of every language, and removes signatures from links', () => {
  expect(sanitizeMessage('größer 漢字 🚢 at https://registry.example/v2?sig=secret, denied..')).toBe(
    'größer 漢字 🚢 at https://registry.example/v2 denied',
  );
});

it('truncates long messages', () => {
  expect(sanitizeMessage('x'.repeat(400))).toBe(`${'x'.repeat(299)}…`);
});
