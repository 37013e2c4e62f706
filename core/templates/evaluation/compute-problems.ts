import type { ParameterValue } from '../../../contracts/templates/parameters.ts';
import type { TemplateFile } from '../../../contracts/templates/template-file.ts';
import { BerthError } from '../../errors.ts';
import type { TemplateKind, TemplateKinds } from '../../ports/compute-kind.ts';
import { resolveExpressions } from '../file/expressions.ts';
import type { PathProblem } from '../file/yaml-values.ts';
import { readSpec } from './compute-spec.ts';
import { pricesOf } from './prices.ts';
import { choicesOf, freeParameters } from './sample-parameters.ts';

/** A placeholder for future workspaces. */
export const exampleWorkspace = { id: `ws-${'0'.repeat(26)}`, name: 'example' };
const owner = { id: 'example', name: 'example' };

/**
 * Returns what a compute kind would reject in `compute.spec` at a start, and invalid prices, for the defaults and for
 * every value that the form offers. Values of free-text parameters cannot be checked in advance.
 */
export const computeProblems = (file: TemplateFile, kinds: TemplateKinds): PathProblem[] => {
  const kind = kinds.all().find(({ name }) => name === file.compute.kind);
  if (kind === undefined) return [{ path: ['compute', 'kind'], detail: unknownKind(file.compute.kind, kinds) }];
  const isFree = mentions(freeParameters(file));
  const found = new Map<string, PathProblem>();
  for (const { parameters, chosen } of choicesOf(file, JSON.stringify([file.compute.spec, file.prices]))) {
    for (const problem of problemsWith(file, kind, parameters)) {
      const key = JSON.stringify([problem.path, problem.detail]);
      if (found.has(key) || isFree(textAt(file, problem.path))) continue;
      const when = chosen === undefined ? '' : ` (when ${chosen.name} is ${JSON.stringify(chosen.value)})`;
      found.set(key, { ...problem, detail: problem.detail + when });
    }
  }
  return [...found.values()];
};

const unknownKind = (name: string, kinds: TemplateKinds): string => {
  const known = kinds.all().map((kind) => kind.name);
  return `is "${name}", which is not installed; use one of: ${known.toSorted().join(', ')}`;
};

const problemsWith = (
  file: TemplateFile,
  kind: TemplateKind,
  parameters: Record<string, ParameterValue>,
): PathProblem[] => [
  ...problemsOf('prices', () => void pricesOf(file, parameters)),
  ...problemsOf('compute.spec', () => specProblems(file, kind, parameters)),
];

/** Returns the problems that `find` returns or throws, at the path that the error names, otherwise at `path`. */
const problemsOf = (path: string, find: () => PathProblem[] | undefined): PathProblem[] => {
  try {
    return find() ?? [];
  } catch (error) {
    if (!(error instanceof BerthError) || error.name !== 'invalid_template') throw error;
    return [{ path: (error.field ?? path).split('.'), detail: error.message }];
  }
};

const specProblems = (
  { name, compute }: TemplateFile,
  kind: TemplateKind,
  parameters: Record<string, ParameterValue>,
): PathProblem[] => {
  const workspace = { ...exampleWorkspace, owner: owner.name };
  const read = readSpec(kind, resolveExpressions(compute.spec, { parameters, workspace }));
  if (!read.ok) return read.problems;
  const build = { id: 'example', number: 1 };
  kind.plan({ workspace: { ...exampleWorkspace, owner }, build, template: { name, version: 1 }, spec: read.spec });
  return [];
};

/** Returns the text at a path of the file, or at its nearest existing parent; empty for a list or map. */
const textAt = (file: TemplateFile, path: readonly PropertyKey[]): string => {
  let value: unknown = file;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !(key in value)) break;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return typeof value === 'string' ? value : '';
};

const mentions =
  (names: readonly string[]) =>
  (text: string): boolean =>
    text.includes('${{') && names.some((name) => new RegExp(`\\bparameters\\.${name}\\b`).test(text));
