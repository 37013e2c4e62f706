import { type RouteName, routes } from '../routes/routes.ts';
import type { RouteAddresses } from './calls.ts';

/**
 * Evaluated when the portal (`web/build-time.ts`) and the CLI (`cli/bundle.ts`) are built, so that neither loads the
 * routes' schemas.
 */
export const addresses = Object.fromEntries(
  Object.entries(routes).map(([name, { method, path }]) => [name as RouteName, { method, path }]),
) as RouteAddresses;
