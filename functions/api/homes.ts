import { adoptHome } from '../../core/homes/adopt.ts';
import { discardHome } from '../../core/homes/discard.ts';
import { homeView, listHomes } from '../../core/homes/queries.ts';
import type { Handlers } from './envelope.ts';
import { viewIn } from './workspaces.ts';

export const homeHandlers: Handlers<'listHomes' | 'adoptHome' | 'discardHome'> = {
  listHomes: ({ runtime, person, query }) => listHomes(runtime.rules, person, query),
  adoptHome: ({ runtime, person, params, body, once }) =>
    once(viewIn(runtime), (alongside) => adoptHome(runtime.rules, person, params.home, body, alongside)),
  discardHome: async ({ runtime, person, params }) => homeView(await discardHome(runtime.rules, person, params.home)),
};
