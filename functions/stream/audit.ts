import type { DynamoDBStreamEvent } from 'aws-lambda';
import { changeRecordOf } from '../../adapters/table/stream-records.ts';
import { auditEventOf } from '../../core/audit.ts';
import type { Runtime } from '../runtime.ts';

/** The change stream's consumer that delivers audit events, in their order, at least once. It fails as a whole batch. */
export const auditChanges = (runtime: Runtime) => async (event: DynamoDBStreamEvent) => {
  const events = event.Records.map((record) => auditEventOf(changeRecordOf(record).after)).filter(
    (found) => found !== undefined,
  );
  if (events.length > 0) await runtime.audit.put(events);
  return { batchItemFailures: [] };
};
