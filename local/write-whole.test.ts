import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeWhole } from './write-whole.ts';

test('a file is replaced, never written in place, and is its user’s alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-whole-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, before] = [join(folder, 'file'), join(folder, 'before')];
  writeWhole(file, 'one');
  linkSync(file, before);
  writeWhole(file, 'two');
  expect([readFileSync(file, 'utf8'), readFileSync(before, 'utf8')]).toEqual(['two', 'one']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(['before', 'file']);
});
