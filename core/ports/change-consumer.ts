import type { ChangeRecord } from './table.ts';

/** A change as the stream delivers it. */
export interface DeliveredChange {
  /** The number by which the stream delivers again from this change on. */
  seq: string;
  /** Throws for a record that cannot be parsed. */
  read(): ChangeRecord;
}

/**
 * Handles a batch of changes in their order. Returns the `seq` of the first change that failed: the stream delivers
 * that one and all later ones again. Returns `undefined` when the whole batch is done.
 */
export type ChangeConsumer = (changes: readonly DeliveredChange[]) => Promise<string | undefined>;
