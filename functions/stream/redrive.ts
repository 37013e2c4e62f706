import type { FailedBatch, FailedChanges, Redelivery } from '../../core/ports/failed-changes.ts';

type Redriven = Record<Redelivery['outcome'], number>;

/**
 * Delivers the batches of changes that consumers failed to handle again, each batch once. A batch is removed from the
 * queue if it is handled, or if its changes are no longer in the stream; otherwise it is visible again in five minutes.
 */
export const redrive = async (failedChanges: FailedChanges, report: (line: string) => void): Promise<Redriven> => {
  const count: Redriven = { handled: 0, failed: 0, expired: 0 };
  for (;;) {
    const batch = await failedChanges.next();
    if (batch === undefined) return count;
    if (batch === 'unknown') {
      count.failed += 1;
      report('A message that does not come from a change stream stays in the queue.');
    } else count[await redriveBatch(batch, report)] += 1;
  }
};

const redriveBatch = async (batch: FailedBatch, report: (line: string) => void): Promise<Redelivery['outcome']> => {
  const redelivery = await batch.redeliver();
  report(`${batch.name}: ${textOf(redelivery)}`);
  if (redelivery.outcome !== 'failed') await batch.remove();
  return redelivery.outcome;
};

const textOf = (redelivery: Redelivery): string => {
  switch (redelivery.outcome) {
    case 'handled':
      return 'handled';
    case 'failed':
      return `failed again: ${redelivery.reason}. Fix the cause, then redrive again.`;
    case 'expired':
      return 'is no longer in the stream. The sweep repairs what was missed; audit events are still in the table.';
  }
};
