import { expect } from 'vitest';
import { type Resource, synthesize } from './synth.ts';

/** The templates for the settings of the example file. */
export const { ofType, templates } = synthesize();

/** The one resource of a type. */
export const only = (type: string): Resource => {
  const found = ofType(type);
  expect(found, type).toHaveLength(1);
  return (found[0] as [string, Resource])[1];
};

/** The properties of all resources of a type, by `<stack>/<logical id>`. */
export const all = (type: string): [string, Record<string, unknown>][] =>
  ofType(type).map(([id, { Properties }]) => [id, Properties]);

export const anything = expect.anything();

/** Excludes the construct library's function that uploads the portal during a deployment. */
export const isOurs = ([id]: [string, unknown]) => !id.includes('CustomCDKBucketDeployment');
