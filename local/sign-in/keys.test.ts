import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { StartError } from '../settings/settings.ts';
import { signingKey } from './keys.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'signing-key.json');
});

test('the key is created once, readable by its owner only', () => {
  const key = signingKey(file);
  expect(signingKey(file)).toEqual(key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

const problemOf = (): Error => {
  try {
    signingKey(file);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the key was accepted');
};

test.each([
  ['is empty', () => ''],
  ['has half a key', (text: string) => text.slice(0, text.length / 2)],
  ['has another kind of key', () => '{"kty":"oct","k":"x"}'],
  ['has a list', () => '[]'],
  ['has a key without its modulus', (text: string) => JSON.stringify({ ...JSON.parse(text), n: '' })],
])('a file that %s fails the start with one line and a remedy', (_, damage) => {
  signingKey(file);
  writeFileSync(file, damage(readFileSync(file, 'utf8')));
  const problem = problemOf();
  expect(problem).toBeInstanceOf(StartError);
  expect(problem.message).toMatch(
    /^Berth cannot use the signing key in \S+signing-key\.json, which is damaged\. .*remove it.*$/,
  );
});

test('an unreadable file fails the start with one line and a remedy', () => {
  mkdirSync(file);
  expect(problemOf().message).toMatch(/^Berth cannot use .* cannot be read \(EISDIR.*\)\. .*remove it.*$/);
});
