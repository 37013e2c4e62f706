import type { Person as PersonView } from '../../contracts/people.ts';
import type { RouteResponse } from '../../contracts/routes/routes.ts';
import { mayAccessPerson, mayListEveryone, type PersonAction, personNotFound } from '../access/policy.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import type { Table } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { loadPerson, type PersonRecord, peoplePartition, personIdByName, personItems } from './person-record.ts';

/** The fields of a person that others may see. Without email addresses, because leaked lists invite phishing. */
export const personView = (person: PersonRecord, viewer: Person): PersonView => ({
  id: person.id,
  name: person.name,
  displayName: person.displayName,
  ...(person.email === undefined || !mayAccessPerson(viewer, 'manage', person) ? {} : { email: person.email }),
  groups: person.groups,
  roles: person.roles,
  active: person.active,
  ...(person.signedInAt === undefined ? {} : { signedInAt: person.signedInAt }),
});

/** Returns everyone who ever signed in, by name, with one query. */
export const listPeople = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  viewer: Person,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RouteResponse<'listPeople'>> => {
  if (!mayListEveryone(viewer)) {
    throw new BerthError('forbidden', 'Only admins and auditors may list people. Ask one of them.', {
      refused: peoplePartition,
    });
  }
  const page = await table.query({
    pk: peoplePartition,
    index: 'list',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { ...page, items: personItems.readList(page.items, log).map((person) => personView(person, viewer)) };
};

/**
 * Finds a person by user name or ID and checks the actor's permission. Costs one get by ID, two by name. Returns
 * `not_found` both for a missing person and for one whom the actor may not see.
 */
export const findPerson = async (
  table: Table,
  actor: Person,
  reference: string,
  action: PersonAction,
): Promise<PersonRecord> => {
  const id = isPersonId(reference) ? reference : await personIdByName(table, reference);
  const person = id === undefined ? undefined : await loadPerson(table, id);
  if (person === undefined) throw personNotFound(reference);
  if (!mayAccessPerson(actor, 'read', person)) throw personNotFound(reference, person.id);
  if (!mayAccessPerson(actor, action, person)) {
    throw new BerthError('forbidden', 'Only admins may deactivate and activate people. Ask one of them.', {
      refused: person.id,
    });
  }
  return person;
};

/** Longer than any user name, so that an ID and a user name cannot be confused. */
export const isPersonId = (text: string): boolean => /^p-[0-9a-f]{24}$/.test(text);
