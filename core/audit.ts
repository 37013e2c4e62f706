import { createHash } from 'node:crypto';
import type { AuditAction, AuditEvent } from '../contracts/events.ts';
import { type Actor, actorId } from './actor.ts';
import { instant } from './instant.ts';
import { padded, toItem } from './item.ts';
import type { Change, Item } from './ports.ts';
import { revocationNote } from './revocations.ts';

/** Where a subject's chain of events stands; kept on the subject's own item, so that the act's write fences it. */
export interface AuditHead {
  seq: number;
  hash: string;
}

export interface Act {
  action: AuditAction;
  actor: Actor;
  outcome?: AuditEvent['outcome'];
  /** What an auditor needs to understand the act: ids and names, never secrets or e-mails. */
  details?: AuditEvent['details'];
}

export const chainStart: AuditHead = { seq: 0, hash: '' };

/** sha256 over the event without its hash, its fields in the order of the alphabet. */
export const hashOf = (event: Omit<AuditEvent, 'hash'>): string => {
  const { hash: _, ...fields } = event as AuditEvent;
  const sorted = Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  const details = Object.fromEntries(Object.entries(event.details).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256')
    .update(JSON.stringify({ ...sorted, details }))
    .digest('hex');
};

const eventOf = (subject: string, head: AuditHead, act: Act, now: Date): AuditEvent => {
  const seq = head.seq + 1;
  const event = {
    id: `${subject}#${seq}`,
    subject,
    seq,
    at: instant(now),
    action: act.action,
    actor: actorId(act.actor),
    outcome: act.outcome ?? 'success',
    details: act.details ?? {},
    previous: head.hash,
  };
  return { ...event, hash: hashOf(event) };
};

export const auditKey = (subject: string, seq: number) => ({ pk: `audit#${subject}`, sk: padded(seq, 10) });

/**
 * The changes that record acts on a subject, to go into the acts' own transaction, and the head to store with it.
 * Their `absent` conditions hold only for one writer, so a number is never given twice.
 */
export const recordActs = (
  subject: string,
  head: AuditHead,
  acts: readonly Act[],
  now: Date,
): { head: AuditHead; changes: Change[] } => {
  const changes: Change[] = [];
  let last = head;
  for (const act of acts) {
    const event = eventOf(subject, last, act, now);
    changes.push({ put: toItem(auditKey(subject, event.seq), { event }), when: { absent: true } });
    changes.push(...revocationNote(event, now));
    last = { seq: event.seq, hash: event.hash };
  }
  return { head: last, changes };
};

/** The audit event inside an item of the table, if it is one. */
export const auditEventOf = (item: Item | undefined): AuditEvent | undefined =>
  item?.pk.startsWith('audit#') ? (item['event'] as unknown as AuditEvent) : undefined;
