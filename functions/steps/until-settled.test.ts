import { expect, test } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import { untilSettled } from './build.ts';

const buildEnded = async () => {
  throw new BerthError('build_canceled', 'The build has ended.');
};

const ignore = async () => undefined;

/** Compute that is settled after so many moves. */
const compute = (moves: number) => {
  const moved: number[] = [];
  const move = async () => {
    moved.push(moved.length);
    return moved.length < moves
      ? { settled: false as const, detail: 'It moves.', again: 10 }
      : { settled: true as const, detail: 'It is there.' };
  };
  return { move, moved };
};

test('compute is moved until it is settled', async () => {
  const { move, moved } = compute(3);
  expect(await untilSettled(move, async () => undefined, ignore)).toEqual({ settled: true, waitSeconds: 0 });
  expect(moved).toHaveLength(3);
});

test('compute is not moved again after its build ended, because it may belong to a newer build', async () => {
  const { move, moved } = compute(3);
  await expect(untilSettled(move, buildEnded, ignore)).rejects.toMatchObject({ name: 'build_canceled' });
  expect(moved).toHaveLength(1);
});

test('an unchanged detail is noted once', async () => {
  const details = ['The pod starts.', 'No node is free.', 'No node is free.', 'The pod starts.'];
  const left = [...details];
  const move = async () => {
    const detail = left.shift();
    return detail === undefined
      ? { settled: true as const, detail: 'It runs.' }
      : { settled: false as const, detail, again: 10 };
  };
  const noted: string[] = [];
  await untilSettled(
    move,
    async () => undefined,
    async (detail) => void noted.push(detail),
  );
  expect(noted).toEqual(['The pod starts.', 'No node is free.', 'The pod starts.']);
});

test('longer waits are left to a Wait state, and grow with each call', async () => {
  const move = async () => ({ settled: false as const, detail: 'The VM boots.', again: 1_500 });
  const waits: number[] = [];
  let before: Awaited<ReturnType<typeof untilSettled>> | undefined;
  const begun = performance.now();
  for (let look = 0; look < 6; look++) {
    before = await untilSettled(move, async () => undefined, ignore, before);
    waits.push(before.waitSeconds);
  }
  expect(waits).toEqual([2, 2, 4, 8, 10, 10]);
  // The step itself did not wait: a waiting function counts towards the concurrency limit of the account.
  expect(performance.now() - begun).toBeLessThan(1_500);
});

test('the next call waits as long as the compute kind requests', async () => {
  const move = async () => ({ settled: false as const, detail: 'There is a queue.', again: 90_000 });
  expect(await untilSettled(move, async () => undefined, ignore)).toMatchObject({ waitSeconds: 90 });
});
