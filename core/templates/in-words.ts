import type * as z from 'zod';
import type { PathProblem } from './yaml-values.ts';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** What people call what stands in YAML, by zod's names for it. */
const forms: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a map',
  record: 'a map',
  string: 'a string',
};

const formOf = (value: unknown): string => {
  if (value === null) return 'empty';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  const form = Array.isArray(value) ? 'array' : typeof value;
  return forms[form] ?? form;
};

const wrongForm = ({ input, expected }: RawIssue): string =>
  input === undefined ? 'is missing' : `has to be ${forms[expected as string] ?? expected}, and is ${formOf(input)}`;

const units: Record<string, string> = { array: ' entries', string: ' characters' };

const wrongSize = ({ origin }: RawIssue, least: boolean, bound: unknown): string =>
  `has to ${origin === 'number' || origin === 'int' ? 'be' : 'have'} ${least ? 'at least' : 'at most'} ${bound}${units[origin as string] ?? ''}`;

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? `has to be ${values[0]}` : `has to be one of ${values.join(', ')}`;

/** What is wrong with a value, to be read behind its field's name; nothing where the schema says it better itself. */
export const inWords = (issue: RawIssue): string | undefined => {
  if (issue.code === 'invalid_type') return wrongForm(issue);
  if (issue.code === 'too_small') return wrongSize(issue, true, issue.minimum);
  if (issue.code === 'too_big') return wrongSize(issue, false, issue.maximum);
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  if (issue.code === 'invalid_union' && 'options' in issue) return oneOf(issue['options'] as unknown[]);
  return undefined;
};

/** Where in a file an issue lies. `whole` is what has no such field: "a template". */
export const problemOf = (issue: z.core.$ZodIssue, whole: string): PathProblem =>
  issue.code === 'unrecognized_keys'
    ? { path: [...issue.path, issue.keys[0] ?? ''], detail: `is not a field that ${whole} has`, atKey: true }
    : { path: issue.path, detail: issue.message };
