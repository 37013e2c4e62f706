import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mapConcurrently } from './concurrency.ts';

/** Work that ends when the test says so. Records which items are under way, in the order in which they started. */
const givenWork = () => {
  const underWay = new Map<number, PromiseWithResolvers<string>>();
  const work = (item: number): Promise<string> => {
    const result = Promise.withResolvers<string>();
    underWay.set(item, result);
    return result.promise.finally(() => underWay.delete(item));
  };
  const end = async (item: number, error?: Error) => {
    if (error === undefined) underWay.get(item)?.resolve(`result ${item}`);
    else underWay.get(item)?.reject(error);
    await turn();
  };
  return { work, end, underWay: () => [...underWay.keys()] };
};

it('returns the results in the order of the items, whichever ends first', async () => {
  const { work, end } = givenWork();
  const results = mapConcurrently([1, 2, 3], 3, work);
  for (const item of [3, 1, 2]) await end(item);
  expect(await results).toEqual(['result 1', 'result 2', 'result 3']);
});

it('works on at most `limit` items at once, and starts the next one when one ends', async () => {
  const { work, end, underWay } = givenWork();
  const results = mapConcurrently([1, 2, 3, 4], 2, work);
  expect(underWay()).toEqual([1, 2]);
  await end(2);
  expect(underWay()).toEqual([1, 3]);
  await end(1);
  expect(underWay()).toEqual([3, 4]);
  for (const item of [3, 4]) await end(item);
  expect(await results).toHaveLength(4);
});

it('throws a failure only when no work is under way, with the other items done', async () => {
  const { work, end, underWay } = givenWork();
  let thrown: unknown;
  const mapped = mapConcurrently([1, 2, 3], 2, work).catch((error: unknown) => {
    thrown = error;
  });
  await end(1, new Error('the first failed'));
  expect(thrown).toBeUndefined();
  expect(underWay()).toEqual([2]);
  await end(2);
  expect(underWay()).toEqual([3]);
  await end(3);
  await mapped;
  expect(thrown).toEqual(new Error('the first failed'));
});

it('returns nothing for no items', async () => {
  expect(await mapConcurrently([], 5, async () => 'never')).toEqual([]);
});
