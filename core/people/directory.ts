import type { RouteResponse, Person as Told } from '../../contracts/routes.ts';
import { mayListEveryone, mayPerson, noPerson, type PersonAction } from '../access.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { fromItem } from '../item.ts';
import type { Table } from '../ports.ts';
import { loadPerson, type PersonRecord, peoplePartition, personIdByName } from './people.ts';

/** A person as another is told of them: lists that leak e-mails are what phishing begins with. */
export const personView = (person: PersonRecord, viewer: Person): Told => ({
  id: person.id,
  name: person.name,
  displayName: person.displayName,
  ...(person.email === undefined || !mayPerson(viewer, 'manage', person) ? {} : { email: person.email }),
  groups: person.groups,
  roles: person.roles,
  active: person.active,
  ...(person.signedInAt === undefined ? {} : { signedInAt: person.signedInAt }),
});

/** Everybody who ever signed in, by name. One query. */
export const listPeople = async (
  table: Table,
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
  return { ...page, items: page.items.map((item) => personView(fromItem<PersonRecord>(item), viewer)) };
};

/**
 * Finds a person by user name or id, and checks the actor's right to them. One get by id, two by name. `not_found` for
 * who is not there and for who is not theirs to see alike.
 */
export const findPerson = async (
  table: Table,
  actor: Person,
  reference: string,
  action: PersonAction,
): Promise<PersonRecord> => {
  const id = isPersonId(reference) ? reference : await personIdByName(table, reference);
  const person = id === undefined ? undefined : await loadPerson(table, id);
  if (person === undefined) throw noPerson(reference);
  if (!mayPerson(actor, 'read', person)) throw noPerson(reference, person.id);
  if (!mayPerson(actor, action, person)) {
    throw new BerthError('forbidden', 'Only admins may deactivate and activate people. Ask one of them.', {
      refused: person.id,
    });
  }
  return person;
};

/** Longer than any user name, so that one is never taken for the other. */
export const isPersonId = (text: string): boolean => /^p-[0-9a-f]{24}$/.test(text);
