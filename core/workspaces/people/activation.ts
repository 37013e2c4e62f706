import type { Person } from '../../actor.ts';
import { BerthError } from '../../errors.ts';
import { findPerson } from '../../people/directory.ts';
import { type PersonRecord, personKey, requireActive } from '../../people/person-record.ts';
import { changePerson } from '../../people/update-person.ts';
import { WriteConflict } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { beginDeactivation, endDeactivation, finishDeactivation } from './deactivations.ts';

/**
 * Deactivates a person, whatever their identity provider says: their next request is rejected, their open connections
 * end within a second, and their workspaces stop. The sweep completes an interrupted deactivation.
 */
export const deactivatePerson = async (rules: Rules, actor: Person, reference: string): Promise<PersonRecord> => {
  const { id } = await findPerson(rules.table, actor, reference, 'manage');
  if (id === actor.id) throw notYourself(id);
  const person = await setActive(rules, actor, id, false);
  await finishDeactivation(rules, id, actor);
  return person;
};

/** Activates a person again, with their API tokens. Their workspaces stay stopped until they are started. */
export const activatePerson = async (rules: Rules, actor: Person, reference: string): Promise<PersonRecord> => {
  const { id } = await findPerson(rules.table, actor, reference, 'manage');
  return setActive(rules, actor, id, true);
};

const notYourself = (id: string) =>
  new BerthError(
    'forbidden',
    'You cannot deactivate yourself, because nobody could activate the last admin again. Ask another admin.',
    { refused: id },
  );

const setActive = async (rules: Rules, actor: Person, id: string, active: boolean): Promise<PersonRecord> => {
  const action = active ? ('person.activate' as const) : ('person.deactivate' as const);
  // Of two admins who deactivate each other at the same time, one stays active.
  const actorIsActive = { check: personKey(actor.id), when: { equals: { active: true } } };
  const decide = (person: PersonRecord) =>
    person.active === active ? undefined : { person: { ...person, active }, auditEvents: [{ action, actor }] };
  try {
    return await changePerson(rules, id, decide, [
      actorIsActive,
      active ? endDeactivation(id) : beginDeactivation(id, actor),
    ]);
  } catch (error) {
    if (error instanceof WriteConflict) return requireActive(undefined, id);
    throw error;
  }
};
