import { lastAuditEvent } from '../../adapters/audit/read-segments.ts';
import type { Log } from '../../base/log.ts';
import { auditEventOf, auditKey } from '../../core/audit/audit-events.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Table } from '../../core/ports/table.ts';
import { buildsFromAt } from '../../core/rules.ts';
import type { DataDir } from './data-dir.ts';

/**
 * Whether the table is older than the audit segments beside it, because it lacks the last delivered event: after the
 * table was lost, moved or restored from a copy, or after a power failure that lost its last writes.
 */
const isOlderThanAudit = async (table: Table, auditFolder: string): Promise<boolean> => {
  const last = await lastAuditEvent(auditFolder);
  if (last === undefined) return false;
  const known = auditEventOf(await table.get(auditKey(last.subject, last.seq)));
  return known?.hash !== last.hash;
};

/** The lowest build number to use. It is raised and stored if the table is older than the audit events. */
export const buildsFrom = async (table: Table, data: DataDir, clock: Clock, log: Log): Promise<number | undefined> => {
  if (await isOlderThanAudit(table, data.path('audit'))) {
    log(
      'warn',
      'the table is older than the audit events, as after a restore: build numbers continue from a higher one',
    );
    data.store('builds-from', String(buildsFromAt(clock())));
  }
  const from = data.load('builds-from');
  return from === undefined ? undefined : Number(from);
};
