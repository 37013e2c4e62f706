import type { AuditEvent } from '../../contracts/audit.ts';
import { auditEventOf } from '../../core/audit/audit-events.ts';
import type { ChangeConsumer, DeliveredChange } from '../../core/ports/change-consumer.ts';
import type { AuditRuntime } from '../runtime.ts';

/**
 * The change stream's consumer that delivers audit events, in their order, at least once. A batch that the sink refuses
 * fails as a whole. When a record cannot be parsed, the events before it are delivered and the batch ends there, so
 * that no event overtakes another and one record delays as little as possible.
 */
export const auditChanges =
  ({ audit, log }: AuditRuntime): ChangeConsumer =>
  async (changes) => {
    const { events, unreadable } = readUntilUnreadable(changes, log);
    if (events.length > 0) await audit.put(events);
    return unreadable;
  };

const readUntilUnreadable = (changes: readonly DeliveredChange[], log: AuditRuntime['log']) => {
  const events: AuditEvent[] = [];
  for (const { seq, read } of changes) {
    try {
      const event = auditEventOf(read().after);
      if (event !== undefined) events.push(event);
    } catch (error) {
      log('error', 'a change could not be read; it is delivered again', { record: seq, error });
      return { events, unreadable: seq };
    }
  }
  return { events };
};
