import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type RouteName, routes } from '../../contracts/routes.ts';
import { BerthError, toProblem } from '../../core/errors.ts';
import type { Runtime } from '../runtime.ts';
import { type Handlers, serve } from './envelope.ts';
import { peopleHandlers } from './people.ts';
import { methodsOf, noRoute } from './refusals.ts';
import { systemHandlers } from './system.ts';
import { templateHandlers } from './templates.ts';
import { workspaceHandlers } from './workspaces.ts';

const handlers: Handlers<RouteName> = {
  ...systemHandlers,
  ...peopleHandlers,
  ...templateHandlers,
  ...workspaceHandlers,
};

export type ApiHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** The API as one handler of API Gateway events: an entry per route of the table, problems for every refusal. */
export const createApi = (runtime: Runtime): ApiHandler => {
  const entries = (Object.keys(routes) as RouteName[]).map((name) => ({
    method: routes[name].method,
    path: routes[name].path,
    handler: serve(runtime, name, handlers[name] as never),
  }));
  const router = httpRouter({
    routes: entries as never,
    notFoundResponse: (() => undefined) as never,
  }) as unknown as (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2> | undefined;
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .onError((request) => {
      request.response = problemResponse(runtime, request.event, request.error);
    })
    .handler(async (event) => {
      const answer = router(event);
      if (answer === undefined) throw noRoute(event);
      return answer;
    }) as unknown as ApiHandler;
};

const problemResponse = (
  runtime: Runtime,
  event: APIGatewayProxyEventV2,
  error: unknown,
): APIGatewayProxyStructuredResultV2 => {
  const requestId = event.requestContext.requestId;
  if (!(error instanceof BerthError)) runtime.log('error', 'a request failed', { requestId, error });
  const problem = toProblem(error, requestId);
  return {
    statusCode: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(problem.status === 405 ? { allow: methodsOf(event.requestContext.http.path).join(', ') } : {}),
    },
    body: JSON.stringify(problem),
  };
};
