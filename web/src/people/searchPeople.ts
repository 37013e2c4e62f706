import type { Person } from '../../../contracts/people.ts';

export interface PeopleFilters {
  q?: string;
  show?: 'active' | 'inactive';
}

type Searched = Pick<Person, 'name' | 'displayName' | 'email' | 'groups' | 'roles' | 'active'>;

/** The people who contain every word of the search. */
export const searchPeople = <T extends Searched>(all: readonly T[], { q = '', show }: PeopleFilters): T[] => {
  const words = q.toLowerCase().split(/\s+/);
  return all.filter(({ name, displayName, email = '', groups, roles, active }) => {
    const text = [name, displayName, email, ...groups, ...roles].join(' ').toLowerCase();
    return (show === undefined || active === (show === 'active')) && words.every((word) => text.includes(word));
  });
};
