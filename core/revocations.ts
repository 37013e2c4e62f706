import type { AuditAction } from '../contracts/events.ts';
import { instant, later } from './instant.ts';
import type { Change, Table } from './ports.ts';

/**
 * Acts that may take away what somebody has open. Each leaves a note in one place, where every replica of the gateway
 * looks once a second: to look at each person's rights instead would cost more than all else in the table.
 */
const takingAway: ReadonlySet<AuditAction> = new Set([
  'workspace.delete',
  'share.revoke',
  'token.revoke',
  'person.deactivate',
]);

const partition = 'revocations';
/** Clocks of those who write and those who look may differ by so much. */
const skewMs = 10_000;
const keptMs = 3_600_000;
const mostAtOnce = 1_000;

/** The note of an act, to go into its transaction; none for an act that takes nothing away. */
export const revocationNote = (event: { id: string; subject: string; action: AuditAction }, now: Date): Change[] =>
  takingAway.has(event.action)
    ? [
        {
          put: {
            pk: partition,
            sk: `${instant(now)}#${event.id}`,
            subject: event.subject,
            expires: Math.ceil(later(now, keptMs).getTime() / 1000),
          },
        },
      ]
    : [];

/** The subjects (people, workspaces) of whom something was taken away in the last seconds, by the notes' own keys. */
export const lastRevocations = async (table: Table, now: Date): Promise<Map<string, string>> => {
  const from = instant(later(now, -skewMs));
  const { items } = await table.query({ pk: partition, from, reverse: true, limit: mostAtOnce });
  return new Map(items.map((item) => [item.sk, String(item['subject'])]));
};
