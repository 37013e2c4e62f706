import { expect, it } from 'vitest';
import { logSanitizer, sanitizeLine, sanitizeLines } from './sanitize.ts';

it('escapes characters that control a terminal or reorder text', () => {
  expect(sanitizeLine('a\u001b]0;owned\u0007b\nc\u202ed\u009b2J')).toBe(
    'a\\u001b]0;owned\\u0007b\\u000ac\\u202ed\\u009b2J',
  );
  expect(sanitizeLine('Grüße, 世界 👋')).toBe('Grüße, 世界 👋');
});

it.each([
  ['\u0000', '\\u0000'],
  ['\t', '\\u0009'],
  ['\n', '\\u000a'],
  ['\u001f', '\\u001f'],
  ['\u007f', '\\u007f'],
  ['\u0080', '\\u0080'],
  ['\u009f', '\\u009f'],
  ['\u061c', '\\u061c'],
  ['\u200e', '\\u200e'],
  ['\u200f', '\\u200f'],
  ['\u2028', '\\u2028'],
  ['\u2029', '\\u2029'],
  ['\u202e', '\\u202e'],
  ['\u2066', '\\u2066'],
  ['\u2069', '\\u2069'],
])('escapes %j as %s', (character, shown) => {
  expect(sanitizeLine(`a${character}b`)).toBe(`a${shown}b`);
});

it.each([' ', '~', '\u00a0', '\u200d', '\u2030', '\u206a'])('leaves %j unchanged', (character) => {
  expect(sanitizeLine(`a${character}b`)).toBe(`a${character}b`);
});

it('keeps the line ends of several lines', () => {
  expect(sanitizeLines('a\u001b[2J\nb\rc')).toBe('a\\u001b[2J\nb\\u000dc');
});

it('removes control sequences from a log and keeps line ends and tabs', () => {
  expect(logSanitizer()('\u001b[31mred\u001b[0m\tok\r\nnext\u0008\u0000\n')).toBe('red\tok\nnext\n');
});

it('writes each state of a progress bar on a separate line', () => {
  expect(logSanitizer()('10%\r20%\rdone\n')).toBe('10%\n20%\ndone\n');
});

it('removes a sequence that is split across two chunks', () => {
  const sanitize = logSanitizer();
  expect(['a\u001b', '[3', '1mb\r', '\nc'].map(sanitize).join('')).toBe('ab\nc');
});

it('does not buffer a sequence that a bell ended or that is too long to be one', () => {
  expect(logSanitizer()('\u001b]0;\u0007a')).toBe('a');
  expect(logSanitizer()(`\u001b[${'1'.repeat(65)}`)).not.toBe('');
});
