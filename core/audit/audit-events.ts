import { createHash } from 'node:crypto';
import type { AuditAction, AuditEvent } from '../../contracts/audit.ts';
import { actorId, type Person } from '../actor.ts';
import { instant } from '../instant.ts';
import type { Change, Item, Table } from '../ports/table.ts';
import { padded } from '../table/item.ts';
import { ItemKind } from '../table/item-kind.ts';
import { revocationChanges } from './revocations.ts';

/** The end of a subject's chain of events. Stored on the subject's own item, whose conditional write guards it. */
export interface AuditHead {
  seq: number;
  hash: string;
}

export interface NewAuditEvent {
  action: AuditAction;
  actor: Pick<Person, 'id'> | 'system';
  outcome?: AuditEvent['outcome'];
  /** What an auditor needs: ids and names, but no secrets or e-mail addresses. */
  details?: AuditEvent['details'];
}

export const chainStart: AuditHead = { seq: 0, hash: '' };

/** SHA-256 over an event's fields in alphabetical order. */
const digestOf = (event: Omit<AuditEvent, 'id' | 'hash'>): string => {
  const sorted = Object.fromEntries(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1)));
  const details = Object.fromEntries(Object.entries(event.details).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256')
    .update(JSON.stringify({ ...sorted, details }))
    .digest('hex');
};

/** SHA-256 over the event without its hash. */
export const hashOf = (event: Omit<AuditEvent, 'hash'>): string => {
  const { hash: _, ...fields } = event as AuditEvent;
  return digestOf(fields);
};

/** Enough that two events of one subject and number never share an id. */
const idDigits = 16;

const eventOf = (subject: string, head: AuditHead, fields: NewAuditEvent, now: Date): AuditEvent => {
  const seq = head.seq + 1;
  const unhashed = {
    subject,
    seq,
    at: instant(now),
    action: fields.action,
    actor: actorId(fields.actor),
    outcome: fields.outcome ?? 'success',
    details: fields.details ?? {},
    previous: head.hash,
  };
  // A restored table assigns numbers again. The digest makes the IDs of those events unique.
  const event = { id: `${subject}#${seq}-${digestOf(unhashed).slice(0, idDigits)}`, ...unhashed };
  return { ...event, hash: hashOf(event) };
};

export const auditItems = new ItemKind<{ event: AuditEvent }>('audit event', { event: 'object' });

export const auditKey = (subject: string, seq: number) => ({ pk: `audit#${subject}`, sk: padded(seq, 10) });

/**
 * The changes that record audit events of a subject, for the transaction of the action itself, and the new head for the
 * subject's item. Their `absent` conditions are true for one writer only, so that each number is assigned once.
 */
export const recordAuditEvents = (
  subject: string,
  head: AuditHead,
  auditEvents: readonly NewAuditEvent[],
  now: Date,
): { head: AuditHead; changes: Change[] } => {
  const changes: Change[] = [];
  let last = head;
  for (const fields of auditEvents) {
    const event = eventOf(subject, last, fields, now);
    changes.push({ put: auditItems.item(auditKey(subject, event.seq), { event }), when: { absent: true } });
    changes.push(...revocationChanges(event, now));
    last = { seq: event.seq, hash: event.hash };
  }
  return { head: last, changes };
};

/** The audit event in an item, if it is one. */
export const auditEventOf = (item: Item | undefined): AuditEvent | undefined =>
  item?.pk.startsWith('audit#') ? auditItems.read(item).event : undefined;

/** The head of a subject's chain, for a subject whose own item is not in the table. One query. */
export const lastEventOf = async (table: Table, subject: string): Promise<AuditHead> => {
  const { items } = await table.query({ pk: auditKey(subject, 0).pk, reverse: true, limit: 1 });
  const last = auditEventOf(items[0]);
  return last === undefined ? chainStart : { seq: last.seq, hash: last.hash };
};
