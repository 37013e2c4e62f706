import { describe, expect, it } from 'vitest';
import { cleanPaste, linesOf, mustAskToPaste } from './paste.ts';

describe('cleanPaste', () => {
  it('takes out what would end the bracket around a paste, and keys', () => {
    expect(cleanPaste('a\u001b[201~rm -rf ~\u0003b\u009bc\u007f')).toBe('a[201~rm -rf ~bc');
  });

  it.each([
    ['\u0000', ''],
    ['\u0008', ''],
    ['\t', '\t'],
    ['\n', '\n'],
    ['\u000b', ''],
    ['\r', '\n'],
    ['\u000e', ''],
    ['\u001f', ''],
    ['\u0020', ' '],
    ['\u007e', '~'],
    ['\u007f', ''],
    ['\u0080', ''],
    ['\u009f', ''],
    ['\u00a0', '\u00a0'],
  ])('makes of %j %j', (character, left) => {
    expect(cleanPaste(`a${character}b`)).toBe(`a${left}b`);
  });

  it('keeps lines, tabs and every language', () => {
    expect(cleanPaste('eins\r\n\tzwei\rdrei 漢字 🚢')).toBe('eins\n\tzwei\ndrei 漢字 🚢');
  });
});

describe('linesOf', () => {
  it.each([
    ['ls', 1],
    ['ls\n', 1],
    ['a\nb', 2],
    ['a\nb\n', 2],
    ['a\n\n', 2],
  ])('counts those of %j', (text, lines) => {
    expect(linesOf(text)).toBe(lines);
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
