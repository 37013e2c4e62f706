import type { Person } from '../../actor.ts';
import { isDeactivated } from '../../people/person-record.ts';
import type { Change, Key } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { everyItem } from '../../table/every-item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { stopOwnedWorkspaces } from './stop-owned.ts';

/**
 * An unfinished deactivation, written in the transaction that deactivates the person. The request itself, or the sweep
 * after a crash, stops the person's workspaces and deletes it.
 */
interface Deactivation {
  personId: string;
  /** The admin to whom the audit attributes the stops. */
  by: Pick<Person, 'id' | 'name'>;
}

export const deactivationItems = new ItemKind<Deactivation>('deactivation', { personId: 'string', by: 'object' });

const partition = 'deactivations';
const keyOf = (personId: string): Key => ({ pk: partition, sk: personId });

/** For the transaction that deactivates a person. */
export const beginDeactivation = (personId: string, { id, name }: Person): Change => ({
  put: deactivationItems.item(keyOf(personId), { personId, by: { id, name } }),
});

/** For the transaction that activates them again. */
export const endDeactivation = (personId: string): Change => ({ delete: keyOf(personId) });

/**
 * Stops the person's workspaces, audited as actions of the admin who deactivated them, or of `retriedBy`, an admin who
 * repeats the deactivation. An unreadable deactivation is carried out as the system and stays in the table. Errors are
 * thrown, and the next sweep retries.
 */
export const finishDeactivation = async (rules: Rules, personId: string, retriedBy?: Person): Promise<void> => {
  const item = await rules.table.get(keyOf(personId));
  const deactivation = item && deactivationItems.readListed(item, rules.log);
  const isUnreadable = item !== undefined && deactivation === undefined;
  const by = deactivation?.by ?? retriedBy ?? (isUnreadable ? 'system' : undefined);
  if (by === undefined || !(await isDeactivated(rules.table, personId))) return;
  await stopOwnedWorkspaces(rules, by, personId);
  if (!isUnreadable) await rules.table.write([endDeactivation(personId)]);
};

/**
 * IDs of the people whose deactivation is not finished, from the items' keys, so that unreadable ones are not skipped.
 */
export async function* unfinishedDeactivations({ table }: Rules): AsyncGenerator<string> {
  for await (const { sk } of everyItem(table, { pk: partition })) yield sk;
}
