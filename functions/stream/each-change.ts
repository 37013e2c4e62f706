import type { Log } from '../../base/log.ts';
import type { ChangeConsumer } from '../../core/ports/change-consumer.ts';
import type { ChangeRecord } from '../../core/ports/table.ts';

/** A consumer that calls `handle` for each change of a batch, in order, and stops at the first that fails. */
export const eachChange =
  (handle: (record: ChangeRecord) => Promise<void>, log: Log): ChangeConsumer =>
  async (changes) => {
    for (const { seq, read } of changes) {
      try {
        await handle(read());
      } catch (error) {
        log('error', 'a change could not be handled; it is delivered again', { record: seq, error });
        return seq;
      }
    }
    return undefined;
  };
