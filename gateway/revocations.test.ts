import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchRevocations } from './revocations.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What was taken away, and about whom was asked. */
const given = () => {
  const last = new Map<string, string>();
  const state = { last, count: 1, asked: [] as string[][], looks: 0, isAway: false, log: [] as string[] };
  const lastRevocations = async () => {
    state.looks += 1;
    if (state.isAway) throw new Error('the table is away');
    return new Map(last);
  };
  const open = {
    get count() {
      return state.count;
    },
    askAbout: (subjects: ReadonlySet<string>) => void state.asked.push([...subjects]),
  };
  const stop = watchRevocations({ lastRevocations }, open, (_, message) => void state.log.push(message));
  return Object.assign(state, { stop });
};

it('tells of each act once, within a second, though the table was away meanwhile', async () => {
  const state = given();
  state.last.set('1', 'p-ada');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(state.asked).toEqual([['p-ada']]);
  state.isAway = true;
  state.last.set('2', 'ws-1').set('3', 'ws-1');
  await vi.advanceTimersByTimeAsync(1_000);
  state.isAway = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(state.asked).toEqual([['p-ada'], ['ws-1']]);
  expect(state.log).toHaveLength(1);
  state.stop();
});

it('asks the table once a second, and nothing while nobody has anything open', async () => {
  const state = given();
  await vi.advanceTimersByTimeAsync(9_500);
  expect(state.looks).toBe(10);
  state.count = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.looks).toBe(10);
  state.stop();
});
