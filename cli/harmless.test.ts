import { expect, it } from 'vitest';
import { harmless, logFilter } from './harmless.ts';

it('shows what would steer a terminal instead of obeying it', () => {
  expect(harmless('a\u001b]0;owned\u0007b\nc\u202ed\u009b2J')).toBe(
    'a\\u001b]0;owned\\u0007b\\u000ac\\u202ed\\u009b2J',
  );
  expect(harmless('Grüße, 世界 👋')).toBe('Grüße, 世界 👋');
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
