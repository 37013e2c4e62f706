import { expect, it } from 'vitest';
import { harmless, logFilter } from './harmless.ts';

it('shows what would steer a terminal instead of obeying it', () => {
  expect(harmless('a\u001b]0;owned\u0007b\nc\u202ed\u009b2J')).toBe(
    'a\\u001b]0;owned\\u0007b\\u000ac\\u202ed\\u009b2J',
  );
  expect(harmless('Grüße, 世界 👋')).toBe('Grüße, 世界 👋');
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
])('shows %j as %s', (character, shown) => {
  expect(harmless(`a${character}b`)).toBe(`a${shown}b`);
});

it.each([' ', '~', '\u00a0', '\u200d', '\u2030', '\u206a'])('leaves %j as it is', (character) => {
  expect(harmless(`a${character}b`)).toBe(`a${character}b`);
});

it('takes control sequences out of a log and keeps lines and tabs', () => {
  expect(logFilter()('\u001b[31mred\u001b[0m\tok\r\nnext\u0008\u0000\n')).toBe('red\tok\nnext\n');
});

it('writes each state of a progress bar on a line of its own', () => {
  expect(logFilter()('10%\r20%\rdone\n')).toBe('10%\n20%\ndone\n');
});

it('finds a sequence that lies across two pieces', () => {
  const filter = logFilter();
  expect(['a\u001b', '[3', '1mb\r', '\nc'].map(filter).join('')).toBe('ab\nc');
});

it('waits for no sequence that a bell ended, or that is longer than any', () => {
  expect(logFilter()('\u001b]0;\u0007a')).toBe('a');
  expect(logFilter()(`\u001b[${'1'.repeat(65)}`)).not.toBe('');
});
