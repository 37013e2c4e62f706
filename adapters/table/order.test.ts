import fc from 'fast-check';
import { expect, it } from 'vitest';
import { afterPrefix, compareText } from './order.ts';

const character = fc.oneof(
  fc.constantFrom('a', '\u007f', '\u07ff', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.array(character, { minLength: 1, maxLength: 4 }).map((characters) => characters.join(''));

it('emoji sort after the end of the basic plane', () => {
  expect(['😀', '\ufffd', 'a'].toSorted(compareText)).toEqual(['a', '\ufffd', '😀']);
});

it('afterPrefix separates texts with the prefix from later ones', () => {
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const end = afterPrefix(prefix);
      const isInside = (value: string) =>
        compareText(value, prefix) >= 0 && (end === undefined || compareText(value, end) < 0);
      expect(isInside(prefix + other)).toBe(true);
      expect(isInside(other)).toBe(other.startsWith(prefix));
    }),
  );
});

it('nothing sorts after a prefix of last code points', () => {
  expect(afterPrefix('\u{10ffff}\u{10ffff}')).toBeUndefined();
});
