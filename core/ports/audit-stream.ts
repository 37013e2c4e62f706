import type { AuditEvent } from '../../contracts/audit.ts';

export interface AuditStream {
  /** Resolves once the events are durable. May deliver an event twice: consumers deduplicate by `id`. */
  put(events: readonly AuditEvent[]): Promise<void>;
}
