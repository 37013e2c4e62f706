import { describe, expect, it } from 'vitest';
import { nameInFile, offsetOf } from './templateText.ts';

describe('nameInFile', () => {
  it.each([
    ['name: shop', 'shop'],
    ['# x\nname: "shop-2" # ours\ncompute: {}', 'shop-2'],
    ["displayName: Shop\nname: 'shop'\n", 'shop'],
  ])('finds the name in %j', (text, name) => {
    expect(nameInFile(text)).toBe(name);
  });

  it.each(['', 'displayName: shop', 'name: Shop', 'name: ../x', 'apps:\n  - name: web'])(
    'finds no name in %j',
    (text) => {
      expect(nameInFile(text)).toBeUndefined();
    },
  );
});

describe('offsetOf', () => {
  it.each([
    ['abc\ndef', 1, 1, 0],
    ['abc\ndef', 2, 2, 5],
    ['abc\ndef', 1, 99, 3],
    ['abc\ndef', 2, 99, 7],
    ['abc\ndef', 9, 1, 7],
    ['', 1, 1, 0],
  ])('in %j line %d column %d is at offset %d', (text, line, column, offset) => {
    expect(offsetOf(text, line, column)).toBe(offset);
  });
});
