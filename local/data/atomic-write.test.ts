import { linkSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { writeAtomically } from './atomic-write.ts';

test('a file is replaced, not written in place, and readable by its owner only', () => {
  const folder = temporaryFolder();
  const [file, before] = [join(folder, 'file'), join(folder, 'before')];
  writeAtomically(file, 'one');
  linkSync(file, before);
  writeAtomically(file, 'two');
  expect([readFileSync(file, 'utf8'), readFileSync(before, 'utf8')]).toEqual(['two', 'one']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(['before', 'file']);
});
