import type * as z from 'zod';
import type { Parameter } from '../../../contracts/templates/parameters.ts';
import { TemplateFile } from '../../../contracts/templates/template-file.ts';
import { describeIssue, problemOf } from './schema-issues.ts';
import type { PathProblem } from './yaml-values.ts';

/**
 * The part of a file that the schema accepts once all invalid parts are removed. The other rules can then check the
 * rest, so that a person sees all problems at once instead of the next kind after each correction.
 */
interface Salvaged {
  /** `undefined` if no part of the file has the form of a template. */
  file?: TemplateFile;
  /** The schema's issues. */
  problems: PathProblem[];
  /** Returns the document's path for `path` in `file`; `undefined` for a placeholder of a removed part. */
  originalPath(path: readonly PropertyKey[]): PropertyKey[] | undefined;
}

/** A required field gets a placeholder that violates no other rule. */
const placeholders: Record<string, unknown> = { name: 'unnamed', compute: { kind: 'unknown' } };
/** Each round removes what the previous one found; no schema nests that deep. */
const maxRounds = 20;

export const salvage = (values: unknown): Salvaged => {
  const read = TemplateFile.safeParse(values, { error: describeIssue });
  if (read.success) return { file: read.data, problems: [], originalPath: (path) => [...path] };
  const problems = read.error.issues.map((issue) => problemOf(issue, 'a template'));
  const remainder = new Remainder(values);
  let { issues } = read.error;
  for (let round = 0; round < maxRounds && remainder.isMap(); round++) {
    for (const issue of issues) remainder.remove(issue);
    remainder.closeGaps();
    const again = TemplateFile.safeParse(remainder.values, { error: describeIssue });
    if (again.success) return { file: again.data, problems, originalPath: (path) => remainder.originalPath(path) };
    issues = again.error.issues;
    problems.push(...issues.flatMap((issue) => remainder.problemInOriginal(issue)));
  }
  return { problems, originalPath: () => undefined };
};

const gap = Symbol('removed');

const isMap = (value: unknown): value is Record<PropertyKey, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The values of a file, from which invalid parts are removed. */
class Remainder {
  readonly values: unknown;
  /** The original indexes of the remaining entries of each list with gaps. */
  readonly #indexes = new WeakMap<unknown[], number[]>();
  readonly #removed: PropertyKey[][] = [];

  constructor(values: unknown) {
    this.values = structuredClone(values);
  }

  isMap(): boolean {
    return isMap(this.values);
  }

  remove(issue: z.core.$ZodIssue): void {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) this.#remove([...issue.path, key]);
    else this.#remove(issue.path);
  }

  /** Returns the problem of the original file that an issue found after the earlier ones were removed. */
  problemInOriginal(issue: z.core.$ZodIssue): PathProblem[] {
    const path = this.originalPath(issue.path);
    // The intended type of a parameter is a guess, and so is the set of its allowed fields.
    const isGuess = issue.code === 'unrecognized_keys';
    return path === undefined || isGuess ? [] : [{ ...problemOf(issue, 'a template'), path }];
  }

  /** Removes the value at the path, or the object in which it is missing. */
  #remove(path: readonly PropertyKey[]): void {
    const key = path.at(-1);
    if (key === undefined) return;
    const parent = this.#at(path.slice(0, -1));
    if (path.length === 1 && typeof key === 'string' && key in placeholders && isMap(parent)) {
      this.#recordRemoval(path);
      parent[key] = structuredClone(placeholders[key]);
    } else if (path[0] === 'parameters' && path.length === 3 && key === 'type' && isMap(parent)) {
      this.#recordRemoval(path);
      parent['type'] = guessType(parent['default']);
    } else if (Array.isArray(parent) && typeof key === 'number' && key in parent) {
      this.#recordRemoval(path);
      parent[key] = path[0] === 'parameters' ? declarationOf(parent[key]) : gap;
    } else if (isMap(parent) && key in parent) {
      this.#recordRemoval(path);
      delete parent[key];
    } else {
      this.#remove(path.slice(0, -1));
    }
  }

  #recordRemoval(path: readonly PropertyKey[]): void {
    const original = this.originalPath(path);
    if (original !== undefined) this.#removed.push(original);
  }

  #at(path: readonly PropertyKey[]): unknown {
    let value = this.values;
    for (const key of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Record<PropertyKey, unknown>)[key];
    }
    return value;
  }

  closeGaps(value: unknown = this.values): void {
    if (Array.isArray(value) && value.includes(gap)) {
      const indexes = this.#indexes.get(value) ?? value.map((_, index) => index);
      const kept = [...value.keys()].filter((index) => value[index] !== gap);
      this.#indexes.set(
        value,
        kept.map((index) => indexes[index] ?? index),
      );
      value.splice(0, value.length, ...kept.map((index) => value[index]));
    }
    if (typeof value !== 'object' || value === null) return;
    for (const part of Object.values(value)) this.closeGaps(part);
  }

  originalPath(path: readonly PropertyKey[]): PropertyKey[] | undefined {
    const original: PropertyKey[] = [];
    let value = this.values;
    for (const key of path) {
      const indexes = Array.isArray(value) ? this.#indexes.get(value) : undefined;
      original.push(typeof key === 'number' ? (indexes?.[key] ?? key) : key);
      value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
    }
    const isPlaceholder = this.#removed.some((removed) => removed.every((key, index) => original[index] === key));
    return isPlaceholder ? undefined : original;
  }
}

/** Guesses the intended type of a parameter from its default. */
const guessType = (value: unknown): Parameter['type'] => {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'list' : 'string';
};

/** Keeps a parameter declared, so that expressions that use it are not reported. */
const declarationOf = (parameter: unknown): unknown => {
  const name = isMap(parameter) ? parameter['name'] : undefined;
  const declaration = { name, type: 'string' };
  const isDeclaration = isMap(parameter) && Object.keys(parameter).length === 2 && parameter['type'] === 'string';
  return typeof name === 'string' && !isDeclaration ? declaration : gap;
};
