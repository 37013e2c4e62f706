import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Route, routes } from '../../contracts/routes.ts';
import { BerthError } from '../../core/errors.ts';

/** A path template as a pattern: `{x}` stands for one segment. */
const patternOf = (path: string) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`);

const patterns = Object.values(routes as Record<string, Route>).map(({ method, path }) => ({
  method,
  pattern: patternOf(path),
}));

/** Methods that the path takes; empty when there is no such path. The router itself does not tell the two apart. */
export const methodsOf = (path: string): string[] =>
  patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);

export const noRoute = (event: APIGatewayProxyEventV2): BerthError => {
  const methods = methodsOf(event.requestContext.http.path);
  return methods.length === 0
    ? new BerthError('not_found', 'There is nothing at this address. See /openapi.json for what there is.')
    : new BerthError('method_not_allowed', `This address takes ${methods.join(', ')}. Use one of them.`);
};
