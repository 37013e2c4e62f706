import type * as z from 'zod';
import { Problem } from '../../../contracts/errors/problem.ts';
import type { Route } from '../../../contracts/routes/route.ts';
import { routes } from '../../../contracts/routes/routes.ts';

const strict = (schema: z.ZodType): z.ZodType => ('strict' in schema ? (schema as z.ZodObject).strict() : schema);

const routeOf = (method: string, path: string): Route | undefined =>
  Object.values(routes as Record<string, Route>).find(
    (route) => route.method === method && new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );

/** A `fetch` that checks each response against the route table: status, fields, and no other field. */
export const checkedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const route = routeOf(init?.method ?? 'GET', new URL(String(input)).pathname);
  if (route === undefined) return response;
  const text = await response.clone().text();
  if (!response.ok) Problem.parse(JSON.parse(text));
  else if (response.status !== route.status) throw new Error(`${route.path} responded with ${response.status}`);
  else if (route.response !== undefined) strict(route.response).parse(JSON.parse(text));
  return response;
};
