import { randomUUID } from 'node:crypto';
import { type Key, type Table, WriteConflict } from '../../../core/ports/table.ts';
import { ItemKind } from '../../../core/table/item-kind.ts';
import type { Ec2Context } from '../context.ts';

/** A worker that crashed blocks the others for at most this long. */
const lockMs = 20_000;

/** The state that one run of the worker leaves to the next. */
export interface WorkerState {
  /** Epoch in ms; the lock is free from then on. */
  until: number;
  holder: string;
  /** Token buckets as of `counted`: starts that may be admitted, and instances that may be launched one by one. */
  admissions: number;
  launches: number;
  counted: number;
  /** When a start was last admitted, or the queue was empty. */
  moved: number;
  /** How many starts are queued, and for a sample of them when they began and how many are ahead. */
  queued: number;
  places: [begun: string, ahead: number][];
  /** By pool, the error that kept the last run from advancing its starts. */
  trouble: Record<string, { said: string; isPassing: boolean }>;
}

/** A lock that at most one worker has, as long as its run takes no longer than `lockMs`. */
interface WorkerLock {
  state: WorkerState;
  /**
   * Releases the lock, to be acquired again after `againMs`. `undefined`: another worker has it, or the pause is not
   * over.
   */
  release: ((state: WorkerState, againMs: number) => Promise<void>) | undefined;
}

export const workerStateItems = new ItemKind<WorkerState>('vm worker state', {
  until: 'number',
  holder: 'string',
  admissions: 'number',
  launches: 'number',
  counted: 'number',
  moved: 'number',
  queued: 'number',
  places: 'list',
  trouble: 'object',
});

const keyOf = (name: string): Key => ({ pk: 'vm-turn', sk: name });

const initialState = (now: number): WorkerState => ({
  until: 0,
  holder: '',
  admissions: Number.POSITIVE_INFINITY,
  launches: Number.POSITIVE_INFINITY,
  counted: now,
  moved: now,
  queued: 0,
  places: [],
  trouble: {},
});

/** For how long no start was admitted although some were queued. */
export const msSinceAdmission = async ({ table, clock }: Pick<Ec2Context, 'table' | 'clock'>): Promise<number> => {
  const item = await table.get(keyOf('starts'));
  return item === undefined ? 0 : clock().getTime() - workerStateItems.read(item).moved;
};

/**
 * Acquires the lock if it is free. The lock saves requests and is not needed for correctness: every write of a worker
 * is conditional on the state that it read.
 */
export const acquireWorkerLock = async (table: Table, name: string, now: () => number): Promise<WorkerLock> => {
  const key = keyOf(name);
  const item = await table.get(key);
  const before = item === undefined ? initialState(now()) : workerStateItems.read(item);
  const holder = randomUUID();
  const write = async (state: WorkerState, expectedHolder: string | undefined): Promise<boolean> => {
    const { admissions, launches } = state;
    // An item cannot store Infinity.
    const bounded = { ...state, admissions: Math.min(admissions, 1e6), launches: Math.min(launches, 1e6) };
    try {
      const when = expectedHolder === undefined ? { absent: true as const } : { equals: { holder: expectedHolder } };
      await table.write([{ put: workerStateItems.item(key, bounded), when }]);
      return true;
    } catch (error) {
      if (error instanceof WriteConflict) return false;
      throw error;
    }
  };
  if (now() < before.until) return { state: before, release: undefined };
  const taken = await write({ ...before, holder, until: now() + lockMs }, item && before.holder);
  if (!taken) return { state: before, release: undefined };
  return {
    state: before,
    release: async (state, againMs) => {
      await write({ ...state, holder, until: now() + againMs }, holder);
    },
  };
};
