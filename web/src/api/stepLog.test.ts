import { describe, expect, it } from 'vitest';
import { appendLog, emptyLog, logLimit, plainText } from './stepLog.ts';

const part = (...texts: string[]) => ({ chunks: texts.map((text) => ({ text })), next: 'c1', done: false });

describe('appendLog', () => {
  it('appends chunks and keeps the cursor', () => {
    const log = appendLog(appendLog(emptyLog, part('a', 'b')), { ...part('c'), next: 'c2', done: true });
    expect(log).toEqual({ text: 'abc', cut: false, cursor: 'c2', done: true });
  });

  it('keeps the end of a long log, from the start of a line', () => {
    const line = `${'x'.repeat(99)}\n`;
    const log = appendLog(emptyLog, part(line.repeat(logLimit / 100), 'last\n'));
    expect(log.cut).toBe(true);
    expect(log.text.length).toBeLessThanOrEqual(logLimit);
    expect(log.text.startsWith('xxx')).toBe(true);
    expect(log.text.endsWith('x\nlast\n')).toBe(true);
  });
});

describe('plainText', () => {
  it.each([
    ['colors', '\u001b[1;32mdone\u001b[0m', 'done'],
    ['an 8-bit control sequence', '\u009b31mred', 'red'],
    ['a window title', '\u001b]0;evil\u0007text', 'text'],
    ['a link', '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['a sequence cut at the end', 'text\u001b[3', 'text'],
    ['a title cut at the end', 'text\u001b]0;half', 'text'],
    ['cursor movements', 'a\u001b[2Ab\u001b(Bc\u001b=', 'abc'],
    ['bells and backspaces', 'a\u0007b\u0008', 'ab'],
    ['marks that change the text direction', 'safe\u202etxt.exe', 'safetxt.exe'],
  ])('removes %s', (_, raw, plain) => {
    expect(plainText(raw)).toBe(plain);
  });

  it.each([
    ['\u0000', 'ab'],
    ['\u0008', 'ab'],
    ['\t', 'a\tb'],
    ['\n', 'a\nb'],
    ['\u000b', 'ab'],
    ['\u000c', 'ab'],
    ['\r', 'b'],
    ['\u000e', 'ab'],
    ['\u001f', 'ab'],
    ['\u0020', 'a b'],
    ['\u007f', 'ab'],
    ['\u0080', 'ab'],
    ['\u009f', 'ab'],
    ['\u00a0', 'a\u00a0b'],
    ['\u200e', 'a\u200eb'],
    ['\u2029', 'a\u2029b'],
    ['\u202a', 'ab'],
    ['\u2066', 'ab'],
    ['\u2069', 'ab'],
  ])('shows %j between two letters as %j', (character, plain) => {
    expect(plainText(`a${character}b`)).toBe(plain);
  });

  it('shows the last state of a progress bar, and Windows line ends as line ends', () => {
    expect(plainText('10%\r50%\r100%\nnext\r\n')).toBe('100%\nnext\n');
  });

  it('keeps tabs, markup and letters of any language as text', () => {
    expect(plainText('<b>grün</b>\t漢字')).toBe('<b>grün</b>\t漢字');
  });
});
