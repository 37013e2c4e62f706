import { expect, it } from 'vitest';
import { backOff, outputOf, stdinFrame, withControl } from './frames.ts';

it('sends keystrokes as UTF-8 behind the channel', () => {
  expect([...stdinFrame('aü')]).toEqual([0, 0x61, 0xc3, 0xbc]);
});

it('shows stdout and stderr, nothing else', () => {
  expect(outputOf(new Uint8Array([1, 104, 105]).buffer)).toEqual(new Uint8Array([104, 105]));
  expect(outputOf(new Uint8Array([2, 104]).buffer)).toEqual(new Uint8Array([104]));
  expect(outputOf(new Uint8Array([0, 104]).buffer)).toBeUndefined();
  expect(outputOf(new ArrayBuffer(0))).toBeUndefined();
});

it.each([
  ['c', '\u0003'],
  ['C', '\u0003'],
  ['[', '\u001b'],
  [' ', '\u0000'],
  ['?', '\u007f'],
  ['1', '1'],
  ['\u001b[A', '\u001b[A'],
])('makes %j with Ctrl %j', (key, control) => {
  expect(withControl(key)).toBe(control);
});

it('tries again ever more slowly, up to 8 s', () => {
  expect([0, 1, 2, 3, 4, 5, 99].map(backOff)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
});
