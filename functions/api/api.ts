import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Log } from '../../base/log.ts';
import { type RouteName, routes } from '../../contracts/routes/routes.ts';
import { BerthError, toProblem } from '../../core/errors.ts';
import { type Handlers, type RuntimeOf, serve } from './envelope.ts';

export type ApiHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Creates the handler of API Gateway events for an area of the API, or for all of it. Every error becomes a problem
 * response.
 */
export const createApi = <N extends RouteName>(runtime: RuntimeOf<N>, handlers: Handlers<N>): ApiHandler => {
  const names = Object.keys(handlers) as N[];
  const methods = methodsOf(names);
  const entries = names.map((name) => ({
    method: routes[name].method,
    path: routes[name].path,
    handler: serve(runtime, name, handlers[name]),
  }));
  const router = httpRouter({
    routes: entries as never,
    notFoundResponse: (() => undefined) as never,
  }) as unknown as (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2> | undefined;
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .onError((request) => {
      const { event, error } = request;
      request.response = problemResponse(event, error, methods(event.requestContext.http.path), runtime.log);
    })
    .handler(async (event) => {
      const response = router(event);
      if (response === undefined) throw noRoute(methods(event.requestContext.http.path));
      return response;
    }) as unknown as ApiHandler;
};

/** A path template as a pattern: `{x}` stands for one segment. */
const patternOf = (path: string) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`);

/**
 * Returns a function that lists the methods of a path among the given routes; none if there is no such path. The router
 * does not distinguish the two.
 */
const methodsOf = (names: readonly RouteName[]) => {
  const patterns = names.map((name) => ({ method: routes[name].method, pattern: patternOf(routes[name].path) }));
  return (path: string): string[] => patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
};

const noRoute = (methods: readonly string[]): BerthError =>
  methods.length === 0
    ? new BerthError('not_found', 'There is no such route. Check the path of the request.')
    : new BerthError(
        'method_not_allowed',
        `This route does not support the request's method. Use ${methods.join(' or ')}.`,
      );

const problemResponse = (
  event: APIGatewayProxyEventV2,
  error: unknown,
  methods: readonly string[],
  log: Log,
): APIGatewayProxyStructuredResultV2 => {
  const requestId = event.requestContext.requestId;
  const problem = toProblem(error, requestId);
  if (problem.status >= 500) log('error', 'a request failed', { requestId, error });
  return {
    statusCode: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(problem.status === 405 ? { allow: methods.join(', ') } : {}),
    },
    body: JSON.stringify(problem),
  };
};
