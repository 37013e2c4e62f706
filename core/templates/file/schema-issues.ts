import type * as z from 'zod';
import type { PathProblem } from './yaml-values.ts';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** Names of YAML types in messages, by zod's names. */
const typeNames: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a map',
  record: 'a map',
  string: 'a string',
};

const describeValue = (value: unknown): string => {
  if (value === null) return 'empty';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  const type = Array.isArray(value) ? 'array' : typeof value;
  return typeNames[type] ?? type;
};

const describeWrongType = ({ input, expected }: RawIssue): string =>
  input === undefined
    ? 'is missing'
    : `must be ${typeNames[expected as string] ?? expected}, but is ${describeValue(input)}`;

const units: Record<string, string> = { array: ' entries', string: ' characters' };

const describeWrongSize = ({ origin }: RawIssue, least: boolean, bound: unknown): string =>
  `must ${origin === 'number' || origin === 'int' ? 'be' : 'have'} ${least ? 'at least' : 'at most'} ${bound}${units[origin as string] ?? ''}`;

const describeChoice = (values: readonly unknown[]): string =>
  values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`;

/** Describes a problem, to follow the field's name; `undefined` if the schema's own message is better. */
export const describeIssue = (issue: RawIssue): string | undefined => {
  if (issue.code === 'invalid_type') return describeWrongType(issue);
  if (issue.code === 'too_small') return describeWrongSize(issue, true, issue.minimum);
  if (issue.code === 'too_big') return describeWrongSize(issue, false, issue.maximum);
  // An invalid map key: the issues inside describe the problem.
  if (issue.code === 'invalid_key') return (issue['issues'] as z.core.$ZodIssue[])[0]?.message;
  if (issue.code === 'invalid_value') return describeChoice(issue.values);
  if (issue.code === 'invalid_union' && 'options' in issue) return describeChoice(issue['options'] as unknown[]);
  return undefined;
};

/** Returns the field of an issue. `whole` describes the file when the issue has no field: "a template". */
export const problemOf = (issue: z.core.$ZodIssue, whole: string): PathProblem =>
  issue.code === 'unrecognized_keys'
    ? { path: [...issue.path, issue.keys[0] ?? ''], detail: `is not a field that ${whole} has`, atKey: true }
    : { path: issue.path, detail: issue.message };
