import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Route } from '../../../contracts/routes/route.ts';
import { routes } from '../../../contracts/routes/routes.ts';
import { givenBerth, type TestBerth } from '../../support/berth.ts';

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<string, unknown>;
  requestBody?: unknown;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

let berth: TestBerth;
let document: Document;
beforeAll(async () => {
  berth = await givenBerth();
  document = (await (await fetch(`${berth.url}/openapi.json`)).json()) as Document;
});
afterAll(() => berth.end());

test('Berth serves an OpenAPI 3.1 document', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Workspace', 'Build', 'Problem']));
});

test.each(Object.entries(routes as Record<string, Route>))(
  'the document contains %s with all its parameters',
  (name, route) => {
    const operation = document.paths[route.path]?.[route.method.toLowerCase()];
    expect(operation?.operationId).toBe(name);
    const inPath = operation?.parameters
      ?.filter((parameter) => parameter.in === 'path')
      .map((parameter) => parameter.name);
    const expected = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    expect(new Set(inPath ?? [])).toEqual(new Set(expected));
    expect(Object.keys(operation?.responses ?? {})).toEqual([String(route.status), 'default']);
    expect(operation?.requestBody !== undefined).toBe(route.body !== undefined);
  },
);
