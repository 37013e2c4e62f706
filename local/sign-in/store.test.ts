import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { StartError } from '../settings/settings.ts';
import { openSignInStore } from './store.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'sign-in.sqlite');
});

const modes = () =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]));

test('its files are readable by their owner only, also those of an existing database that were not', async () => {
  const before = new DatabaseSync(file);
  before.exec('PRAGMA journal_mode = WAL; CREATE TABLE x (y);');
  expect(modes()['sign-in.sqlite-wal']).toBe(0o644);
  const store = openSignInStore(file);
  await store.adapter('Session').upsert('id', { uid: 'u' }, 60);
  expect(modes()).toEqual({ 'sign-in.sqlite': 0o600, 'sign-in.sqlite-wal': 0o600, 'sign-in.sqlite-shm': 0o600 });
  store.close();
  before.close();

  const again = openSignInStore(file);
  expect(await again.adapter('Session').find('id')).toMatchObject({ uid: 'u' });
  expect(new Set(Object.values(modes()))).toEqual(new Set([0o600]));
  again.close();
});

const fill = async () => {
  const store = openSignInStore(file);
  for (let n = 0; n < 200; n++) await store.adapter('Session').upsert(`id${n}`, { uid: 'x'.repeat(500) }, 60);
  store.close();
};

test.each([
  ['is not a database', () => Buffer.from('this is not a database, but long enough to be read as one'.repeat(100))],
  ['is truncated', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['has overwritten pages', (bytes: Buffer) => Buffer.from(bytes).fill(0xff, 3 * 4096, 20 * 4096)],
])('a file that %s fails the start with one line and a remedy', async (_, damage) => {
  await fill();
  writeFileSync(file, damage(readFileSync(file)));
  const open = () => openSignInStore(file);
  expect(open).toThrow(StartError);
  expect(open).toThrow(/^Berth cannot use the sign-in sessions in \S+sign-in\.sqlite: .*Remove it.*$/);
});
