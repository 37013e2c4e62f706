import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as z from 'zod';
import type { Route } from '../../contracts/routes/route.ts';
import {
  type RouteName,
  type RouteRequest,
  type RouteResponse,
  type Routes,
  routes,
} from '../../contracts/routes/routes.ts';
import { BerthError } from '../../core/errors.ts';
import { authenticate } from '../../core/people/authenticate.ts';
import type { PersonRecord } from '../../core/people/person-record.ts';
import { auditRefusals } from '../../core/people/refusals.ts';
import type { ApiRuntime, PublicRuntime, SealingRuntime, TemplateFileRuntime } from '../runtime.ts';
import { readBody } from './body.ts';
import { bodyOf, type Once, onceFor, type StoredResponse } from './idempotent.ts';

/** Routes that create a git key. */
type SealingRoute = 'createWorkspace' | 'makeGitKey';
/** Routes that validate a template's file against the installed compute kinds. */
type TemplateFileRoute = 'publishTemplate' | 'lintTemplate' | 'previewTemplate';
type If<Names extends RouteName, Needed extends object> = [Names] extends [never] ? unknown : Needed;

/**
 * A public route has no access to identities and the table, so that an unauthenticated request cannot reach them. An
 * area has the additional dependencies that any of its routes needs.
 */
export type RuntimeOf<N extends RouteName> = Routes[N]['access'] extends 'public'
  ? PublicRuntime
  : ApiRuntime & If<Extract<N, SealingRoute>, SealingRuntime> & If<Extract<N, TemplateFileRoute>, TemplateFileRuntime>;

type PersonOf<N extends RouteName> = Routes[N]['access'] extends 'public' ? undefined : PersonRecord;

type IsIdempotent<N extends RouteName> = Routes[N] extends { idempotent: true } ? true : false;

/** The argument of a route's handler, all of it validated. */
export type Call<N extends RouteName> = RouteRequest<N> & {
  runtime: RuntimeOf<N>;
  person: PersonOf<N>;
} & (IsIdempotent<N> extends true ? { once: Once<RouteResponse<N>> } : unknown);

/** A route with `idempotent: true` returns a response that `once` stored; any other route returns a plain one. */
type Handle<N extends RouteName> = (
  call: Call<N>,
) => Promise<IsIdempotent<N> extends true ? StoredResponse<RouteResponse<N>> : RouteResponse<N>>;

export type Handlers<N extends RouteName> = { [K in N]: Handle<K> };

/** The function of one route: authenticates, decodes, calls the handler and encodes. Throws `BerthError`s. */
export const serve =
  <N extends RouteName>(runtime: RuntimeOf<N>, name: N, handle: Handle<N>) =>
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const route: Route = routes[name];
    if (route.access === 'public') {
      return encode(route, await handle({ ...decodedRequest<N>(route, event), runtime } as Call<N>));
    }
    const { rules, identity } = runtime as ApiRuntime;
    const person = await authenticate(rules, identity, bearerOf(event));
    const request = decodedRequest<N>(route, event);
    const once = route.idempotent === true ? { once: onceFor({ rules, name, person, event, request }) } : {};
    const result = await auditRefusals(rules, person, name, () =>
      handle({ ...request, runtime, person, ...once } as unknown as Call<N>),
    );
    return encode(route, bodyOf(result));
  };

const decodedRequest = <N extends RouteName>(route: Route, event: APIGatewayProxyEventV2): RouteRequest<N> =>
  ({
    params: decode(route.params, decodedParameters(event), 'path'),
    query: decode(route.query, event.queryStringParameters ?? {}, 'query'),
    body: decode(route.body, route.body === undefined ? undefined : readBody(event), 'body'),
  }) as RouteRequest<N>;

const encode = (route: Route, body: unknown): APIGatewayProxyStructuredResultV2 => ({
  statusCode: route.status,
  headers: { 'cache-control': 'no-store', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

const bearerOf = (event: APIGatewayProxyEventV2): string | undefined =>
  /^Bearer +(\S+)$/i.exec(event.headers['authorization'] ?? '')?.[1];

/** The router does not decode the `%`-escapes of path parameters. */
const decodedParameters = (event: APIGatewayProxyEventV2): Record<string, string> => {
  try {
    return Object.fromEntries(
      Object.entries(event.pathParameters ?? {}).map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
    );
  } catch (error) {
    if (error instanceof URIError)
      throw new BerthError('invalid_request', 'The URL has an invalid %-escape. Correct it.');
    throw error;
  }
};

const decode = (schema: z.ZodType | undefined, value: unknown, where: string): unknown => {
  if (schema === undefined) return undefined;
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const errors = read.error.issues.map((issue) => problemOf(issue, where));
  const [first] = errors;
  throw new BerthError('invalid_request', errors.map(({ detail }) => detail).join(' '), {
    ...(first === undefined ? {} : { field: first.field }),
    errors,
  });
};

const problemOf = (issue: z.core.$ZodIssue, where: string): { field: string; detail: string } => {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.').slice(0, 100);
    return {
      field,
      detail: `There is no field ${issue.keys.map((key) => `"${key.slice(0, 60)}"`).join(', ')} here. Remove it.`,
    };
  }
  const field = path.join('.') || where;
  const missing = issue.code === 'invalid_type' && issue.input === undefined && issue.message.includes('undefined');
  return { field, detail: missing ? `${field} is missing. Add it.` : `${field}: ${issue.message}.` };
};
