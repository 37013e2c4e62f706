import type * as z from 'zod';
import { accessRoutes } from './access.ts';
import { buildRoutes } from './builds.ts';
import { homeRoutes } from './homes.ts';
import { peopleRoutes } from './people.ts';
import type { Route } from './route.ts';
import { systemRoutes } from './system.ts';
import { templateRoutes } from './templates.ts';
import { workspaceRoutes } from './workspaces.ts';

/** Every route of the API. A new route goes into the file of its area; its handler goes into functions/api/. */
export const routes = {
  ...systemRoutes,
  ...peopleRoutes,
  ...templateRoutes,
  ...workspaceRoutes,
  ...buildRoutes,
  ...accessRoutes,
  ...homeRoutes,
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

type Input<T> = T extends z.ZodType ? z.input<T> : never;
type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Part<R, K extends string> = R extends Record<K, infer T> ? T : undefined;

/** What a caller sends to a route. */
export type RouteInput<N extends RouteName> = (Part<Routes[N], 'params'> extends z.ZodType
  ? { params: Input<Part<Routes[N], 'params'>> }
  : unknown) &
  (Part<Routes[N], 'query'> extends z.ZodType ? { query?: Input<Part<Routes[N], 'query'>> } : unknown) &
  (Part<Routes[N], 'body'> extends z.ZodType ? { body: Input<Part<Routes[N], 'body'>> } : unknown);

/** What a route's handler receives, validated. */
export interface RouteRequest<N extends RouteName> {
  params: Parsed<Part<Routes[N], 'params'>>;
  query: Parsed<Part<Routes[N], 'query'>>;
  body: Parsed<Part<Routes[N], 'body'>>;
}

export type RouteResponse<N extends RouteName> =
  Part<Routes[N], 'response'> extends z.ZodType ? z.output<Part<Routes[N], 'response'>> : undefined;
