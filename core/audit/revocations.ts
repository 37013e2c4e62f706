import type { AuditAction } from '../../contracts/audit.ts';
import { instant, later } from '../instant.ts';
import type { Change, Key } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { ItemKind } from '../table/item-kind.ts';

/**
 * Actions that revoke a permission that open connections may rest on. Each writes an item into one partition, which
 * every gateway replica polls at least once a second. Polling each person's permissions instead would cost more than
 * all other use of the table.
 */
const revokingActions: ReadonlySet<AuditAction> = new Set([
  'workspace.delete',
  'share.revoke',
  'token.revoke',
  'person.deactivate',
]);

export const revocationItems = new ItemKind<{ subject: string }>('revocation', { subject: 'string' });

const partition = 'revocations';
/** The greatest difference between the clocks of writers and pollers. */
const skewMs = 10_000;
const retentionMs = 3_600_000;
const maxResults = 1_000;

/** The item for a revocation, for the transaction of the action; none for other actions. */
export const revocationChanges = (event: { id: string; subject: string; action: AuditAction }, now: Date): Change[] =>
  revokingActions.has(event.action)
    ? [
        {
          put: {
            pk: partition,
            sk: `${instant(now)}#${event.id}`,
            subject: event.subject,
            expires: Math.ceil(later(now, retentionMs).getTime() / 1000),
          },
        },
      ]
    : [];

/** From the sort key, for an unreadable item: a revocation that is skipped would leave connections open. */
const subjectOf = ({ sk }: Key): string => sk.slice(sk.indexOf('#') + 1, sk.lastIndexOf('#'));

/** The subjects (people, workspaces) of the revocations of the last seconds, by the items' sort keys. */
export const recentRevocations = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  now: Date,
): Promise<Map<string, string>> => {
  const from = instant(later(now, -skewMs));
  const { items } = await table.query({ pk: partition, from, reverse: true, limit: maxResults });
  return new Map(items.map((item) => [item.sk, revocationItems.readListed(item, log)?.subject ?? subjectOf(item)]));
};
