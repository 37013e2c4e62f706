import schema from './pod-schema.json' with { type: 'json' };

export interface SpecProblem {
  path: (string | number)[];
  message: string;
}

const types: Record<string, Record<string, string>> = schema;

/** A Kubernetes quantity: 250m, 2, 1.5Gi, 1e3. */
const quantity = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Simple {
  accepts: (value: unknown) => boolean;
  wanted: string;
}

const isQuantity = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && quantity.test(value));
const mapOf = (accepts: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.values(value).every(accepts);
const isString = (value: unknown): boolean => typeof value === 'string';

const simpleTypes: Record<string, Simple> = {
  any: { accepts: () => true, wanted: 'anything' },
  string: { accepts: isString, wanted: 'a string (in quotes, if it looks like a number)' },
  boolean: { accepts: (value) => typeof value === 'boolean', wanted: 'true or false' },
  int: { accepts: Number.isSafeInteger, wanted: 'a whole number' },
  number: { accepts: (value) => typeof value === 'number', wanted: 'a number' },
  intOrString: { accepts: (value) => isString(value) || Number.isSafeInteger(value), wanted: 'a number or a name' },
  quantity: { accepts: isQuantity, wanted: 'an amount such as 250m, 2 or 4Gi' },
  quantities: { accepts: mapOf(isQuantity), wanted: 'amounts by name, such as cpu: 250m' },
  strings: { accepts: mapOf(isString), wanted: 'strings by name' },
};

const typeProblems = (value: unknown, type: string, path: SpecProblem['path']): SpecProblem[] => {
  if (type.endsWith('[]')) return listProblems(value, type.slice(0, -2), path);
  if (type.startsWith('=')) {
    const options = type.slice(1).split('|');
    return options.includes(value as string) ? [] : [{ path, message: `must be one of ${options.join(', ')}` }];
  }
  const simple = simpleTypes[type];
  if (simple === undefined) return objectProblems(value, type, path);
  return simple.accepts(value) ? [] : [{ path, message: `must be ${simple.wanted}` }];
};

const listProblems = (value: unknown, type: string, path: SpecProblem['path']): SpecProblem[] =>
  Array.isArray(value)
    ? value.flatMap((item, index) => typeProblems(item, type, [...path, index]))
    : [{ path, message: 'must be a list' }];

const objectProblems = (value: unknown, type: string, path: SpecProblem['path']): SpecProblem[] => {
  if (!isObject(value)) return [{ path, message: `must have the fields of a ${type}` }];
  const known = new Map(Object.entries(types[type] ?? {}).map(([key, of]) => [key.replace('!', ''), { key, of }]));
  const missing = [...known].filter(([name, { key }]) => key.endsWith('!') && value[name] === undefined);
  return [
    ...missing.map(([name]) => ({ path: [...path, name], message: 'is missing' })),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const field = known.get(name);
      if (field === undefined) return [{ path: [...path, name], message: `is not a field of ${type}` }];
      // null would override Berth's default, and the API server would apply its own, which is laxer.
      if (inner === null)
        return [{ path: [...path, name], message: 'is empty (null); leave it out or give it a value' }];
      return typeProblems(inner, field.of, [...path, name]);
    }),
  ];
};

/**
 * The unknown, missing and empty fields of a pod spec, and those of the wrong type. The API server would silently drop
 * an unknown field, and the template's author would not learn why it has no effect.
 */
export const podFieldProblems = (spec: unknown): SpecProblem[] => objectProblems(spec, 'PodSpec', []);
