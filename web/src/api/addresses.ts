import type { RouteAddresses } from '../../../contracts/calls.ts';
import { type RouteName, routes } from '../../../contracts/routes.ts';

/** Worked out when the portal is built (`web/build-time.ts`): the first load needs no schema. */
export const addresses = Object.fromEntries(
  Object.entries(routes).map(([name, { method, path }]) => [name as RouteName, { method, path }]),
) as RouteAddresses;
