import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { alone } from './files.ts';

/** What a process that was killed long ago left. */
const givenDeadLock = (file: string): void => {
  const left = join(`${file}.lock`, 'killed');
  mkdirSync(dirname(left));
  writeFileSync(left, '');
  utimesSync(left, new Date(0), new Date(0));
};

const turns = async (many: number): Promise<void> => {
  for (let turn = 0; turn < many; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Has several try, each some turns after the one before; answers how many were in at a time, at the most, and in all. */
const crowd = async (file: string, size: number, apart = 0): Promise<{ most: number; done: number }> => {
  let [now, most, done] = [0, 0, 0];
  const work = async () => {
    now += 1;
    most = Math.max(most, now);
    await turns(5);
    now -= 1;
    done += 1;
  };
  const enter = (index: number) => turns(index * apart).then(() => alone(file, work));
  await Promise.all(Array.from({ length: size }, (_, index) => enter(index)));
  return { most, done };
};

it('lets one in at a time, also where several find the lock of one that was killed', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'kept');
  for (let apart = 0; apart < 16; apart += 1) {
    givenDeadLock(file);
    expect(await crowd(file, 3, apart)).toEqual({ most: 1, done: 3 });
    expect(readdirSync(folder)).toEqual([]);
  }
});

it('lets go when the work fails', async () => {
  const file = join(temporaryFolder(), 'kept');
  await expect(alone(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await crowd(file, 2)).toEqual({ most: 1, done: 2 });
});

it('of one that was thought dead takes nothing away that is another’s by now', async () => {
  const file = join(temporaryFolder(), 'kept');
  const [entered, slept] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let successor: Promise<string[]> | undefined;
  await alone(file, async () => {
    const [own = ''] = readdirSync(`${file}.lock`);
    utimesSync(join(`${file}.lock`, own), new Date(0), new Date(0));
    successor = alone(file, async () => {
      entered.resolve();
      await slept.promise;
      return readdirSync(`${file}.lock`);
    });
    await entered.promise;
  });
  slept.resolve();
  expect(await successor).toHaveLength(1);
});
