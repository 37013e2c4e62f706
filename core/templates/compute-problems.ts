import type { ParameterValue, TemplateFile } from '../../contracts/template.ts';
import { BerthError } from '../errors.ts';
import { readSpec } from './compute-spec.ts';
import { resolveExpressions } from './expressions.ts';
import type { TemplateKind, TemplateKinds } from './kinds.ts';
import { choicesOf, freeParameters } from './sample-parameters.ts';
import type { PathProblem } from './yaml-values.ts';

/** Stands for the workspaces that there will be. */
export const exampleWorkspace = { id: `ws-${'0'.repeat(26)}`, name: 'example' };
const owner = { id: 'example', name: 'example' };

/**
 * What a kind of compute would say of `compute.spec` at a start: with the defaults, and with every value that the form
 * offers. What depends on a parameter that people write themselves is theirs to get right.
 */
export const computeProblems = (file: TemplateFile, kinds: TemplateKinds): PathProblem[] => {
  const kind = kinds.all().find(({ name }) => name === file.compute.kind);
  if (kind === undefined) return [{ path: ['compute', 'kind'], detail: unknownKind(file.compute.kind, kinds) }];
  const isFree = speaksOf(freeParameters(file));
  const told = new Map<string, PathProblem>();
  for (const { parameters, chosen } of choicesOf(file, JSON.stringify(file.compute.spec))) {
    for (const problem of problemsWith(file, kind, parameters)) {
      const key = JSON.stringify([problem.path, problem.detail]);
      if (told.has(key) || isFree(textAt(file, problem.path))) continue;
      const when = chosen === undefined ? '' : ` (when ${chosen.name} is ${JSON.stringify(chosen.value)})`;
      told.set(key, { ...problem, detail: problem.detail + when });
    }
  }
  return [...told.values()];
};

const unknownKind = (name: string, kinds: TemplateKinds): string => {
  const known = kinds.all().map((kind) => kind.name);
  return `is "${name}", which this Berth does not have; use one of: ${known.toSorted().join(', ')}`;
};

const problemsWith = (
  { name, compute }: TemplateFile,
  kind: TemplateKind,
  parameters: Record<string, ParameterValue>,
): PathProblem[] => {
  try {
    const workspace = { ...exampleWorkspace, owner: owner.name };
    const read = readSpec(kind, resolveExpressions(compute.spec, { parameters, workspace }));
    if (!read.ok) return read.problems;
    const build = { id: 'example', number: 1 };
    kind.plan({ workspace: { ...exampleWorkspace, owner }, build, template: { name, version: 1 }, spec: read.spec });
    return [];
  } catch (error) {
    if (!(error instanceof BerthError) || error.name !== 'invalid_template') throw error;
    return [{ path: (error.field ?? 'compute.spec').split('.'), detail: error.message }];
  }
};

/** What the file itself says where a problem lies, or as near to it as the file goes. */
const textAt = (file: TemplateFile, path: readonly PropertyKey[]): string => {
  let value: unknown = file;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !(key in value)) break;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return typeof value === 'string' ? value : '';
};

const speaksOf =
  (names: readonly string[]) =>
  (text: string): boolean =>
    text.includes('${{') && names.some((name) => new RegExp(`\\bparameters\\.${name}\\b`).test(text));
