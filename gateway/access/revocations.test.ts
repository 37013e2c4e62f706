import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchRevocations } from './revocations.ts';

/** Uses the fake timers that a test advances. */
const setTimeout = (ms: number) => new Promise<void>((resolve) => void globalThis.setTimeout(resolve, ms));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Revocations, and the subjects that were rechecked because of them. */
const givenWatch = () => {
  const recent = new Map<string, string>();
  const state = {
    recent,
    roundTripMs: 0,
    recheckedAt: 0,
    count: 1,
    rechecked: [] as string[][],
    polls: 0,
    isTableDown: false,
    log: [] as string[],
  };
  const recentRevocations = async () => {
    state.polls += 1;
    if (state.isTableDown) throw new Error('the table is down');
    if (state.roundTripMs > 0) await setTimeout(state.roundTripMs / 2);
    const read = new Map(recent);
    if (state.roundTripMs > 0) await setTimeout(state.roundTripMs / 2);
    return read;
  };
  const open = {
    get count() {
      return state.count;
    },
    recheck: (subjects: ReadonlySet<string>) => {
      state.recheckedAt = Date.now();
      state.rechecked.push([...subjects]);
    },
  };
  const stop = watchRevocations({ recentRevocations }, open, (_, message) => void state.log.push(message));
  return Object.assign(state, { stop });
};

it('each revocation leads to one recheck within a second, also after an outage of the table', async () => {
  const state = givenWatch();
  state.recent.set('1', 'p-ada');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(state.rechecked).toEqual([['p-ada']]);
  state.isTableDown = true;
  state.recent.set('2', 'ws-1').set('3', 'ws-1');
  await vi.advanceTimersByTimeAsync(1_000);
  state.isTableDown = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(state.rechecked).toEqual([['p-ada'], ['ws-1']]);
  expect(state.log).toHaveLength(1);
  state.stop();
});

it('the table is queried once a second, and not at all while nothing is open', async () => {
  const state = givenWatch();
  await vi.advanceTimersByTimeAsync(9_500);
  expect(state.polls).toBe(10);
  state.count = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.polls).toBe(10);
  state.stop();
});

it.each([2, 40, 100, 180, 250])(
  'connections close within a second, although a round trip to the table takes %i ms',
  async (roundTripMs) => {
    for (let phase = 0; phase < 1_000; phase += 40) {
      const state = givenWatch();
      state.roundTripMs = roundTripMs;
      await vi.advanceTimersByTimeAsync(3_000 + phase);
      const revoked = Date.now();
      state.recent.set('1', 'p-ada');
      await vi.advanceTimersByTimeAsync(2_000);
      expect(state.rechecked).toEqual([['p-ada']]);
      // The person's grants are checked in two round trips.
      expect(state.recheckedAt - revoked + 2 * roundTripMs, `revoked ${phase} ms later`).toBeLessThanOrEqual(1_000);
      state.stop();
      await vi.advanceTimersByTimeAsync(1_000);
    }
  },
);
