import type { RouteAddresses } from '../contracts/calls.ts';
import { type RouteName, routes } from '../contracts/routes.ts';

/** Worked out when the CLI is bundled (`cli/bundle.ts`): most commands then load no schema. */
export const addresses = Object.fromEntries(
  Object.entries(routes).map(([name, { method, path }]) => [name as RouteName, { method, path }]),
) as RouteAddresses;
