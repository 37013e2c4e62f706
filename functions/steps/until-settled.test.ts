import { expect, test } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import { untilSettled } from './build.ts';

const over = async () => {
  throw new BerthError('build_canceled', 'The build is over.');
};

const ignore = async () => undefined;

/** Compute that takes as many moves as are given. */
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

test('compute of a build that ended between two moves is not moved again: it is a newer build’s by now', async () => {
  const { move, moved } = compute(3);
  await expect(untilSettled(move, over, ignore)).rejects.toMatchObject({ name: 'build_canceled' });
  expect(moved).toHaveLength(1);
});

test('what is waited for is told once for as long as it stays the same', async () => {
  const details = ['The pod starts.', 'No node is free.', 'No node is free.', 'The pod starts.'];
  const left = [...details];
  const move = async () => {
    const detail = left.shift();
    return detail === undefined
      ? { settled: true as const, detail: 'It runs.' }
      : { settled: false as const, detail, again: 10 };
  };
  const told: string[] = [];
  await untilSettled(
    move,
    async () => undefined,
    async (detail) => void told.push(detail),
  );
  expect(told).toEqual(['The pod starts.', 'No node is free.', 'The pod starts.']);
});

test('a step that has to wait longer leaves it to a Wait state, which is longer with each look', async () => {
  const move = async () => ({ settled: false as const, detail: 'The VM boots.', again: 1_500 });
  const waits: number[] = [];
  let before: Awaited<ReturnType<typeof untilSettled>> | undefined;
  const begun = performance.now();
  for (let look = 0; look < 6; look++) {
    before = await untilSettled(move, async () => undefined, ignore, before);
    waits.push(before.waitSeconds);
  }
  expect(waits).toEqual([2, 2, 4, 8, 10, 10]);
  // None of it was waited for here: a function that waits is one of those that an account may run at once.
  expect(performance.now() - begun).toBeLessThan(1_500);
});

test('a kind that knows that it takes longer is asked again then', async () => {
  const move = async () => ({ settled: false as const, detail: 'There is a queue.', again: 90_000 });
  expect(await untilSettled(move, async () => undefined, ignore)).toMatchObject({ waitSeconds: 90 });
});
