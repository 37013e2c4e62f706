import type { Person } from '../../actor.ts';
import { isDeactivated } from '../../people/people.ts';
import type { Change, Key } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { everyItem } from '../../table/every-item.ts';
import { ItemKind } from '../../table/item-kind.ts';
import { stopWorkspacesOf } from './stop-owned.ts';

/**
 * What a deactivation still has to do. It is written in the transaction that deactivates, so that whoever finds it, the
 * request itself or the sweep after a crash, stops the person's workspaces.
 */
interface Deactivation {
  personId: string;
  /** The admin whose act the stops are. */
  by: Pick<Person, 'id' | 'name'>;
}

export const deactivationItems = new ItemKind<Deactivation>('deactivation', { personId: 'string', by: 'object' });

const partition = 'deactivations';
const keyOf = (personId: string): Key => ({ pk: partition, sk: personId });

/** Goes into the transaction that deactivates a person. */
export const beginDeactivation = (personId: string, { id, name }: Person): Change => ({
  put: deactivationItems.item(keyOf(personId), { personId, by: { id, name } }),
});

/** Goes into the transaction that activates them again. */
export const endDeactivation = (personId: string): Change => ({ delete: keyOf(personId) });

/**
 * Stops the person's workspaces, as acts of the admin who deactivated them, or else of `again`, who asks for it once
 * more. What fails is thrown, and left for the next try.
 */
export const finishDeactivation = async (rules: Rules, personId: string, again?: Person): Promise<void> => {
  const item = await rules.table.get(keyOf(personId));
  const deactivation = item && deactivationItems.readListed(item, rules.log);
  const isUnreadable = item !== undefined && deactivation === undefined;
  const by = deactivation?.by ?? again ?? (isUnreadable ? 'system' : undefined);
  if (by === undefined || !(await isDeactivated(rules.table, personId))) return;
  await stopWorkspacesOf(rules, by, personId);
  if (!isUnreadable) await rules.table.write([endDeactivation(personId)]);
};

/** IDs of the people whose deactivation is not finished, from the items' keys, so that unreadable ones are not skipped. */
export async function* unfinishedDeactivations({ table }: Rules): AsyncGenerator<string> {
  for await (const { sk } of everyItem(table, { pk: partition })) yield sk;
}
