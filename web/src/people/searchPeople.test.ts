import { expect, it } from 'vitest';
import { searchPeople } from './searchPeople.ts';

const ada = {
  name: 'ada',
  displayName: 'Ada Lovelace',
  groups: ['engineering'],
  roles: ['member' as const],
  active: true,
};
const grace = { name: 'grace', displayName: 'Grace Hopper', groups: [], roles: ['admin' as const], active: false };

it.each([
  [{}, ['ada', 'grace']],
  [{ q: 'LOVE eng' }, ['ada']],
  [{ q: 'admin' }, ['grace']],
  [{ show: 'inactive' as const }, ['grace']],
  [{ q: 'ada', show: 'inactive' as const }, []],
])('with %j finds %j', (filters, expected) => {
  expect(searchPeople([ada, grace], filters).map(({ name }) => name)).toEqual(expected);
});
