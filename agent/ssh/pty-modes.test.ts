import { expect, test } from 'vitest';
import { sttyWords } from './pty-modes.ts';

const modes = (...pairs: [mode: number, value: number][]) =>
  Buffer.concat(
    pairs.map(([mode, value]) => {
      const bytes = Buffer.alloc(5);
      bytes.writeUInt8(mode, 0);
      bytes.writeUInt32BE(value, 1);
      return bytes;
    }),
  );

test('characters and flags are formatted for stty', () => {
  const requested = modes([129, 38_400], [1, 3], [3, 127], [6, 255], [10, 0x78], [7, 200], [53, 0], [36, 1]);
  expect(sttyWords(requested).join(' ')).toBe('intr ^C erase ^? eol undef susp x eol2 200 -echo icrnl');
});

test('modes that are unknown, truncated or after the end are skipped', () => {
  expect(sttyWords(modes([99, 1], [0, 0], [53, 0]))).toEqual([]);
  expect(sttyWords(modes([53, 0]).subarray(0, 4))).toEqual([]);
  expect(sttyWords(modes([200, 1], [53, 0]))).toEqual([]);
  expect(sttyWords(modes([1, 32]))).toEqual([]);
});
