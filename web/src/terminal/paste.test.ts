import { describe, expect, it } from 'vitest';
import { cleanPaste, mustAskToPaste } from './paste.ts';

describe('cleanPaste', () => {
  it('takes out what would end the bracket around a paste, and keys', () => {
    expect(cleanPaste('a\u001b[201~rm -rf ~\u0003b\u009bc\u007f')).toBe('a[201~rm -rf ~bc');
  });

  it('keeps lines, tabs and every language', () => {
    expect(cleanPaste('eins\r\n\tzwei\rdrei 漢字 🚢')).toBe('eins\n\tzwei\ndrei 漢字 🚢');
  });
});

describe('mustAskToPaste', () => {
  it.each([
    ['ls', false],
    ['ls\n', true],
    ['a\nb', true],
  ])('of %j: %s', (text, expected) => {
    expect(mustAskToPaste(text)).toBe(expected);
  });
});
