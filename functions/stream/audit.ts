import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { changeRecordOf } from '../../adapters/table/stream-records.ts';
import type { AuditEvent } from '../../contracts/events.ts';
import { auditEventOf } from '../../core/audit.ts';
import type { AuditRuntime } from '../runtime.ts';
import { numberOf } from './records.ts';

/**
 * The change stream's consumer that delivers audit events, in their order, at least once. A batch that the sink does not
 * take fails as a whole. Of one with a record that cannot be read, those before it are delivered and it fails alone, so
 * that nothing overtakes and a single record holds up the least.
 */
export const auditChanges =
  ({ audit, log }: AuditRuntime) =>
  async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const { events, unread } = readUntilUnreadable(event, log);
    if (events.length > 0) await audit.put(events);
    return { batchItemFailures: unread === undefined ? [] : [{ itemIdentifier: unread }] };
  };

const readUntilUnreadable = ({ Records }: DynamoDBStreamEvent, log: AuditRuntime['log']) => {
  const events: AuditEvent[] = [];
  for (const record of Records) {
    try {
      const found = auditEventOf(changeRecordOf(record).after);
      if (found !== undefined) events.push(found);
    } catch (error) {
      log('error', 'a change could not be read; it is tried again', { record: numberOf(record), error });
      return { events, unread: numberOf(record) };
    }
  }
  return { events };
};
