import type { RouteAddresses } from './calls.ts';
import { type RouteName, routes } from './routes.ts';

/**
 * Worked out when the portal (`web/build-time.ts`) and the command line (`cli/bundle.ts`) are built: of routes a client
 * needs no more than this, and no schema has to be loaded for it.
 */
export const addresses = Object.fromEntries(
  Object.entries(routes).map(([name, { method, path }]) => [name as RouteName, { method, path }]),
) as RouteAddresses;
