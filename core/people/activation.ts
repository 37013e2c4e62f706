import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { stopWorkspacesOf } from '../workspaces/stop-owned.ts';
import { changePerson } from './acts.ts';
import { findPerson } from './directory.ts';
import { type PersonRecord, personKey, requireActive } from './people.ts';

/**
 * Takes a person's access away, whatever their identity provider says: they are refused at their next request, what they
 * have open ends within a second, and their workspaces stop. Asked for again, it stops what an interrupted one left.
 */
export const deactivatePerson = async (rules: Rules, actor: Person, reference: string): Promise<PersonRecord> => {
  const { id } = await findPerson(rules.table, actor, reference, 'manage');
  if (id === actor.id) throw notYourself(id);
  const person = await setActive(rules, actor, id, false);
  await stopWorkspacesOf(rules, actor, id);
  return person;
};

/** Lets a person in again, with the API tokens that they have. Their workspaces stay stopped until somebody starts them. */
export const activatePerson = async (rules: Rules, actor: Person, reference: string): Promise<PersonRecord> => {
  const { id } = await findPerson(rules.table, actor, reference, 'manage');
  return setActive(rules, actor, id, true);
};

const notYourself = (id: string) =>
  new BerthError(
    'forbidden',
    'You cannot deactivate yourself: the last admin who did could be brought back by nobody. Ask another admin.',
    { refused: id },
  );

const setActive = async (rules: Rules, actor: Person, id: string, active: boolean): Promise<PersonRecord> => {
  const action = active ? ('person.activate' as const) : ('person.deactivate' as const);
  // Of two admins who deactivate each other at once, one is left.
  const byActive = { check: personKey(actor.id), when: { equals: { active: true } } };
  const decide = (person: PersonRecord) =>
    person.active === active ? undefined : { person: { ...person, active }, acts: [{ action, actor }] };
  try {
    return await changePerson(rules, id, decide, [byActive]);
  } catch (error) {
    if (error instanceof WriteConflict) return requireActive(undefined, id);
    throw error;
  }
};
