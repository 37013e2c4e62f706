import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Log } from '../../base/log.ts';
import { type RouteName, routes } from '../../contracts/routes/routes.ts';
import { toProblem } from '../../core/errors.ts';
import { type Handlers, type RuntimeOf, serve } from './envelope.ts';
import { methodsOf, noRoute } from './refusals.ts';

export type ApiHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * An area of the API, or all of it, as one handler of API Gateway events: an entry per route that it has a handler for,
 * problems for every refusal.
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
      const answer = router(event);
      if (answer === undefined) throw noRoute(methods(event.requestContext.http.path));
      return answer;
    }) as unknown as ApiHandler;
};

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
