import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { withFileLock } from './files.ts';

/** The lock of a process that was killed long ago. */
const givenStaleLock = (file: string): void => {
  const lock = join(`${file}.lock`, 'killed');
  mkdirSync(dirname(lock));
  writeFileSync(lock, '');
  utimesSync(lock, new Date(0), new Date(0));
};

const waitTurns = async (many: number): Promise<void> => {
  for (let turn = 0; turn < many; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Lets several callers compete for the lock. Returns how many held it at the same time and how many finished. */
const compete = async (file: string, size: number, apart = 0): Promise<{ most: number; done: number }> => {
  let [now, most, done] = [0, 0, 0];
  const work = async () => {
    now += 1;
    most = Math.max(most, now);
    await waitTurns(5);
    now -= 1;
    done += 1;
  };
  const enter = (index: number) => waitTurns(index * apart).then(() => withFileLock(file, work));
  await Promise.all(Array.from({ length: size }, (_, index) => enter(index)));
  return { most, done };
};

it('excludes other callers, even if several find a stale lock at the same time', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'locked');
  for (let apart = 0; apart < 16; apart += 1) {
    givenStaleLock(file);
    expect(await compete(file, 3, apart)).toEqual({ most: 1, done: 3 });
    expect(readdirSync(folder)).toEqual([]);
  }
});

it('releases the lock when the work fails', async () => {
  const file = join(temporaryFolder(), 'locked');
  await expect(withFileLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await compete(file, 2)).toEqual({ most: 1, done: 2 });
});

it('a holder whose lock was considered stale does not remove the lock of the next holder', async () => {
  const file = join(temporaryFolder(), 'locked');
  const [entered, slept] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let successor: Promise<string[]> | undefined;
  await withFileLock(file, async () => {
    const [own = ''] = readdirSync(`${file}.lock`);
    utimesSync(join(`${file}.lock`, own), new Date(0), new Date(0));
    successor = withFileLock(file, async () => {
      entered.resolve();
      await slept.promise;
      return readdirSync(`${file}.lock`);
    });
    await entered.promise;
  });
  slept.resolve();
  expect(await successor).toHaveLength(1);
});
