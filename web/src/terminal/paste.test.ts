import { describe, expect, it } from 'vitest';
import { countLines, needsPasteConfirmation, sanitizePaste } from './paste.ts';

describe('sanitizePaste', () => {
  it('removes the end of a bracketed paste, and control characters', () => {
    expect(sanitizePaste('a\u001b[201~rm -rf ~\u0003b\u009bc\u007f')).toBe('a[201~rm -rf ~bc');
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
  ])('turns %j into %j', (character, left) => {
    expect(sanitizePaste(`a${character}b`)).toBe(`a${left}b`);
  });

  it('keeps lines, tabs and letters of any language', () => {
    expect(sanitizePaste('eins\r\n\tzwei\rdrei 漢字 🚢')).toBe('eins\n\tzwei\ndrei 漢字 🚢');
  });
});

describe('countLines', () => {
  it.each([
    ['ls', 1],
    ['ls\n', 1],
    ['a\nb', 2],
    ['a\nb\n', 2],
    ['a\n\n', 2],
  ])('counts the lines of %j', (text, lines) => {
    expect(countLines(text)).toBe(lines);
  });
});

describe('needsPasteConfirmation', () => {
  it.each([
    ['ls', false],
    ['ls\n', true],
    ['a\nb', true],
  ])('for %j: %s', (text, expected) => {
    expect(needsPasteConfirmation(text)).toBe(expected);
  });
});
