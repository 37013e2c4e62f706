import { BerthError } from '../errors.ts';
import { type Change, type Table, WriteConflict } from '../ports/table.ts';

/** More than the concurrent writers of one item, for example a person, a workflow step and the gateway. */
const maxAttempts = 12;

/** A transaction decided on the current state, and what to return once it is written. */
export interface Update<R> {
  result: R;
  /** Empty when there is nothing to change. */
  changes: readonly Change[];
  /**
   * How many of the first changes other writers of the same state compete for. When one of these loses, the update is
   * decided again; when another change loses, the `WriteConflict` is thrown. Default: all of them.
   */
  contended?: number;
}

/**
 * Optimistic concurrency: loads the state, decides, writes, and starts over when another writer was faster. `first`
 * saves the first load. Throws `conflict` with `busy` after too many attempts.
 */
export const updateWithRetry = async <S, R>(
  table: Table,
  load: () => Promise<S>,
  decide: (state: S) => Promise<Update<R>> | Update<R>,
  options: { first?: S | undefined; busy: (state: S) => string },
): Promise<R> => {
  let state = options.first ?? (await load());
  for (let attempt = 1; ; attempt++) {
    const { result, changes, contended = changes.length } = await decide(state);
    if (changes.length === 0) return result;
    try {
      await table.write(changes);
      return result;
    } catch (error) {
      if (!(error instanceof WriteConflict) || !error.lost.some(({ index }) => index < contended)) throw error;
      if (attempt === maxAttempts) throw new BerthError('conflict', options.busy(state));
      state = await load();
    }
  }
};
