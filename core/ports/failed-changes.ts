/** `expired`: the stream no longer contains the changes. */
export type Redelivery = { outcome: 'handled' | 'expired' } | { outcome: 'failed'; reason: string };

/** A batch of changes that a consumer of the change stream gave up on. */
export interface FailedBatch {
  /** The consumer and the changes, for people. */
  name: string;
  /** Reads the changes from the stream and hands them to the consumer. */
  redeliver(): Promise<Redelivery>;
  /** Removes the batch from the queue. */
  remove(): Promise<void>;
}

/** The dead-letter queue of the change stream's consumers. */
export interface FailedChanges {
  /**
   * The next entry of the queue, `undefined` when none is left, `unknown` for an entry that is not a batch of
   * changes. An entry that is not removed is returned again by a later run, not by this one.
   */
  next(): Promise<FailedBatch | 'unknown' | undefined>;
}
