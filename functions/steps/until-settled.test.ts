import { expect, test } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import { untilSettled } from './build.ts';

const over = async () => {
  throw new BerthError('build_canceled', 'The build is over.');
};

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
  expect(await untilSettled(move, async () => undefined)).toEqual({ settled: true, waitSeconds: 0 });
  expect(moved).toHaveLength(3);
});

test('compute of a build that ended between two moves is not moved again: it is a newer build’s by now', async () => {
  const { move, moved } = compute(3);
  await expect(untilSettled(move, over)).rejects.toMatchObject({ name: 'build_canceled' });
  expect(moved).toHaveLength(1);
});
