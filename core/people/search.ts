import type { RouteResponse } from '../../contracts/routes/routes.ts';
import type { Person } from '../actor.ts';
import type { Index, Table } from '../ports/table.ts';
import { loadPerson, type PersonRecord, peoplePartition } from './people.ts';

/** The number of suggestions that fit below a form field. */
const most = 8;
/** The number of people to read, because deactivated ones are filtered out. */
const looked = 5 * most;

/**
 * Finds active people whose user name or display name begins with a text. Returns only these two names, and neither
 * returns nor searches email addresses. Costs two queries, and a get for each person found.
 */
export const searchPeople = async (
  table: Table,
  viewer: Person,
  text: string,
): Promise<RouteResponse<'searchPeople'>> => {
  const prefix = text.trim().toLowerCase();
  const ids = async (index: Index): Promise<string[]> => {
    const { items } = await table.query({ pk: peoplePartition, index, prefix, limit: looked });
    return items.map(({ pk }) => pk.replace(/^person#/, ''));
  };
  const found = await Promise.all([ids('list'), ids('all')]);
  const others = [...new Set(found.flat())].filter((id) => id !== viewer.id);
  const people: PersonRecord[] = [];
  for (let from = 0; people.length < most && from < others.length; from += most) {
    const some = await Promise.all(others.slice(from, from + most).map((id) => loadPerson(table, id)));
    people.push(...some.filter(isThere));
  }
  return { items: people.slice(0, most).map(({ id, name, displayName }) => ({ id, name, displayName })) };
};

const isThere = (person: PersonRecord | undefined): person is PersonRecord => person?.active === true;
