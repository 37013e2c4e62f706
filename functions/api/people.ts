import { listPeople, personView } from '../../core/people/directory.ts';
import { searchPeople } from '../../core/people/search.ts';
import { createToken, listTokens, revokeToken } from '../../core/people/tokens.ts';
import { activatePerson, deactivatePerson } from '../../core/workspaces/people/activation.ts';
import type { Handlers } from './envelope.ts';

export const peopleHandlers: Handlers<
  | 'me'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken'
  | 'listPeople'
  | 'searchPeople'
  | 'deactivatePerson'
  | 'activatePerson'
> = {
  me: async ({ person }) => ({
    id: person.id,
    name: person.name,
    displayName: person.displayName,
    ...(person.email === undefined ? {} : { email: person.email }),
    groups: person.groups,
    roles: person.roles,
  }),
  listTokens: ({ runtime, person, query }) => listTokens(runtime.rules, person, query),
  createToken: ({ runtime, person, body }) => createToken(runtime.rules, person, body),
  revokeToken: async ({ runtime, person, params }) => {
    await revokeToken(runtime.rules, person, params.token);
    return undefined;
  },
  listPeople: ({ runtime, person, query }) => listPeople(runtime.rules, person, query),
  searchPeople: ({ runtime, person, query }) => searchPeople(runtime.rules, person, query.q),
  deactivatePerson: async ({ runtime, person, params }) =>
    personView(await deactivatePerson(runtime.rules, person, params.person), person),
  activatePerson: async ({ runtime, person, params }) =>
    personView(await activatePerson(runtime.rules, person, params.person), person),
};
