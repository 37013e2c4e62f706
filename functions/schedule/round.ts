import type { Key, Table } from '../../core/ports/table.ts';
import { ItemKind } from '../../core/table/item-kind.ts';

/** One turn of a round: its name and its limits. */
export interface Turn {
  table: Table;
  /** Name of the round, under which the table stores its cursor. */
  round: string;
  /** No work begins after this time of `now`. */
  until: number;
  now: () => number;
  /** Number of items worked on at the same time. */
  atOnce: number;
  /** Maximum number of items of a turn. */
  atMost?: number;
}

const cursorKey = (round: string): Key => ({ pk: 'sweep', sk: round });

/** No field is required: a damaged cursor begins a new round instead of failing every turn. */
export const roundCursorItems = new ItemKind<{ from?: string }>('round cursor', {});

/** The sort key at which the next turn begins, inclusive; absent at the beginning of a round. */
const loadFrom = async (table: Table, round: string): Promise<string | undefined> => {
  const item = await table.get(cursorKey(round));
  return item && roundCursorItems.read(item).from;
};

/** Writes only when the cursor changed: a round that fits into one turn writes nothing. */
const storeFrom = async (table: Table, round: string, before: string | undefined, from: string | undefined) => {
  if (from === before) return;
  const key = cursorKey(round);
  await table.write([from === undefined ? { delete: key } : { put: roundCursorItems.item(key, { from }) }]);
};

/**
 * Works through a list that may take longer than one turn. Each turn continues where the previous one ran out of time,
 * and after the end the next turn begins a new round, so that slow or failing items do not block the others. When the
 * time is over, the turn ends without waiting for calls that hang. Two concurrent turns may work on the same items.
 */
export const takeTurn = async <T extends { sort: string }>(
  { table, round, until, now, atOnce, atMost = Number.POSITIVE_INFINITY }: Turn,
  list: (from: string | undefined) => AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const from = await loadFrom(table, round);
  const items = list(from)[Symbol.asyncIterator]();
  let taken = 0;
  let rest: string | undefined;
  let newest = '';
  let last: Promise<IteratorResult<T>> | undefined;
  /** Serializes the workers' reads of the list. */
  const following = () => {
    last = (last ?? Promise.resolve()).then(() => items.next());
    return last;
  };
  const worker = async () => {
    while (rest === undefined) {
      const { done, value } = await following();
      if (done === true) return;
      // At least one item, so that a round makes progress even when other parts used up the time.
      if (taken > 0 && (now() >= until || taken >= atMost)) {
        rest ??= value.sort;
        return;
      }
      taken += 1;
      newest = value.sort;
      await work(value);
    }
  };
  const workers = Promise.all(Array.from({ length: atOnce }, worker));
  // Sorts after the newest item and before the next one: IDs have the same length, and `!` sorts before their
  // characters.
  if (!(await isDoneWithin(workers, until - now()))) rest ??= `${newest}!`;
  await storeFrom(table, round, from, rest);
};

/** Waits for the work or for the time limit. Work that continues after the limit reports its own failures. */
const isDoneWithin = async (work: Promise<unknown>, ms: number): Promise<boolean> => {
  const done = work.then(() => true);
  if (!Number.isFinite(ms)) return done;
  const over = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => over.resolve(false), Math.max(0, ms));
  try {
    return await Promise.race([done, over.promise]);
  } finally {
    clearTimeout(timer);
  }
};
