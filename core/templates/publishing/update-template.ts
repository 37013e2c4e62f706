import { type NewAuditEvent, recordAuditEvents } from '../../audit/audit-events.ts';
import type { Change, Table } from '../../ports/table.ts';
import { type Update, updateWithRetry } from '../../table/update-with-retry.ts';
import { type TemplateRecord, templateItem } from '../template-record.ts';
import { loadTemplate } from '../template-store.ts';

/** Updates a template. `decide` gets its current state and is called again when another writer was faster. */
export const updateTemplate = async <T>(
  table: Table,
  name: string,
  decide: (before: TemplateRecord | undefined) => Promise<Update<T>>,
): Promise<T> =>
  updateWithRetry(table, () => loadTemplate(table, name), decide, {
    busy: () => `The template ${name} is being changed by other requests. Try again.`,
  });

/**
 * Writes a template with the audit event of its change. The number of an audit event is used once, so a
 * concurrent change is not overwritten.
 */
export const templateChanges = (
  template: TemplateRecord,
  before: TemplateRecord | undefined,
  auditEvent: NewAuditEvent,
  now: Date,
): Change[] => {
  const audit = recordAuditEvents(`template#${template.name}`, template.audit, [auditEvent], now);
  const when = before === undefined ? { absent: true as const } : { equals: { latestVersion: before.latestVersion } };
  return [{ put: templateItem({ ...template, audit: audit.head }), when }, ...audit.changes];
};
