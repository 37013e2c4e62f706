import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { Problem } from '../../contracts/errors/problem.ts';
import type { Route } from '../../contracts/routes/route.ts';
import { routes } from '../../contracts/routes/routes.ts';
import { version } from '../../contracts/version.ts';

const problemResponse = { description: 'A problem', content: { 'application/problem+json': { schema: Problem } } };

const operationOf = (name: string, route: Route) => ({
  operationId: name,
  summary: route.summary,
  requestParams: {
    ...(route.params === undefined ? {} : { path: route.params }),
    ...(route.query === undefined ? {} : { query: route.query }),
  },
  ...(route.body === undefined
    ? {}
    : { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
  responses: {
    [String(route.status)]: {
      description: route.summary,
      ...(route.response === undefined ? {} : { content: { 'application/json': { schema: route.response } } }),
    },
    default: problemResponse,
  },
  ...(route.access === 'public' ? { security: [] } : {}),
});

/** Returns the OpenAPI 3.1 document of all routes. */
export const openApiDocument = (server: string) => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Berth', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: server }],
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths: paths as ZodOpenApiPathsObject,
  });
};
