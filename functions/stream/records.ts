import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { changeRecordOf } from '../../adapters/table/stream-records.ts';
import type { ChangeRecord } from '../../core/ports.ts';
import type { Log } from '../runtime.ts';

/**
 * Hands a batch of the change stream to `each`, in order. At the first that fails the batch ends there and is
 * delivered again from that record on; those before it are done.
 */
export const eachRecord = async (
  event: DynamoDBStreamEvent,
  each: (record: ChangeRecord) => Promise<void>,
  log: Log,
): Promise<DynamoDBBatchResponse> => {
  for (const record of event.Records) {
    try {
      await each(changeRecordOf(record));
    } catch (error) {
      log('error', 'a change could not be handled; it is tried again', { record: numberOf(record), error });
      return { batchItemFailures: [{ itemIdentifier: numberOf(record) }] };
    }
  }
  return { batchItemFailures: [] };
};

export const numberOf = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? '';
