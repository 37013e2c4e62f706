import { expect, it } from 'vitest';
import { outputOf, stdinFrames, withControl } from './frames.ts';

it('sends keystrokes as UTF-8 after the channel byte', () => {
  expect(stdinFrames('aü').map((frame) => [...frame])).toEqual([[0, 0x61, 0xc3, 0xbc]]);
});

it('splits long input into frames, in order and complete', () => {
  const text = 'wörld '.repeat(900_000);
  const frames = stdinFrames(text);
  expect(Math.max(...frames.map(({ length }) => length))).toBeLessThan(64 * 1024);
  expect(Buffer.concat(frames.map((frame) => frame.subarray(1))).equals(Buffer.from(text))).toBe(true);
});

it('returns only stdout and stderr', () => {
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
])('maps %j with Ctrl to %j', (key, control) => {
  expect(withControl(key)).toBe(control);
});
