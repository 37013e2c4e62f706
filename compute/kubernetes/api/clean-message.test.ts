import { expect, it } from 'vitest';
import { cleanMessage } from './clean-message.ts';

it.each(['\u0000', '\t', '\n', '\u001f', '\u007f', '\u0080', '\u009f', '\u00a0', '\u2028', '\u2029'])(
  'makes one blank of %j',
  (character) => {
    expect(cleanMessage(`a${character}${character}b`)).toBe('a b');
  },
);

it('leaves letters of every language, and no signature in a link', () => {
  expect(cleanMessage('größer 漢字 🚢 at https://registry.example/v2?sig=secret, denied..')).toBe(
    'größer 漢字 🚢 at https://registry.example/v2 denied',
  );
});

it('cuts what is too long', () => {
  expect(cleanMessage('x'.repeat(400))).toBe(`${'x'.repeat(299)}…`);
});
