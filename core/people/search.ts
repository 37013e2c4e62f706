import type { RouteResponse } from '../../contracts/routes/routes.ts';
import type { Person } from '../actor.ts';
import type { Index } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { type PersonRecord, peoplePartition, personItems, personKey } from './person-record.ts';

/** The number of suggestions that fit below a form field. */
const maxResults = 8;
/** The number of people to read, because deactivated ones are filtered out. */
const maxCandidates = 5 * maxResults;

/**
 * Finds active people whose user name or display name begins with a text. Returns only these two names, and neither
 * returns nor searches email addresses. Costs two queries, and a get for each person found.
 */
export const searchPeople = async (
  { table, log }: Pick<Rules, 'table' | 'log'>,
  viewer: Person,
  text: string,
): Promise<RouteResponse<'searchPeople'>> => {
  const prefix = text.trim().toLowerCase();
  const ids = async (index: Index): Promise<string[]> => {
    const { items } = await table.query({ pk: peoplePartition, index, prefix, limit: maxCandidates });
    return items.map(({ pk }) => pk.replace(/^person#/, ''));
  };
  const found = await Promise.all([ids('list'), ids('all')]);
  const others = [...new Set(found.flat())].filter((id) => id !== viewer.id);
  const people: PersonRecord[] = [];
  for (let from = 0; people.length < maxResults && from < others.length; from += maxResults) {
    const some = await Promise.all(others.slice(from, from + maxResults).map((id) => table.get(personKey(id))));
    const found = personItems.readList(
      some.filter((item) => item !== undefined),
      log,
    );
    people.push(...found.filter(({ active }) => active));
  }
  return { items: people.slice(0, maxResults).map(({ id, name, displayName }) => ({ id, name, displayName })) };
};
