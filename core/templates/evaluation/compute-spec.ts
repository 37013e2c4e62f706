import type * as z from 'zod';
import { BerthError } from '../../errors.ts';
import { describeIssue, problemOf } from '../file/schema-issues.ts';
import type { PathProblem } from '../file/yaml-values.ts';

/** The part of a compute kind that concerns specs. */
interface SpecKind {
  readonly name: string;
  readonly spec: z.ZodType<unknown>;
}

/** Returns the compute kind's result for a spec with evaluated expressions, or all problems. */
type ReadSpec = { ok: true; spec: unknown } | { ok: false; problems: PathProblem[] };

export const readSpec = ({ name, spec: schema }: SpecKind, spec: unknown): ReadSpec => {
  const read = schema.safeParse(spec, { error: describeIssue });
  if (read.success) return { ok: true, spec: read.data };
  return { ok: false, problems: read.error.issues.map((issue) => inSpec(problemOf(issue, name))) };
};

const inSpec = (problem: PathProblem): PathProblem => ({ ...problem, path: ['compute', 'spec', ...problem.path] });

/** The same for a published template; throws `invalid_template` with the first problem. */
export const checkedSpec = (kind: SpecKind, spec: unknown): unknown => {
  const read = readSpec(kind, spec);
  if (read.ok) return read.spec;
  const [problem] = read.problems;
  const field = problem?.path.join('.') ?? 'compute.spec';
  throw new BerthError(
    'invalid_template',
    `The template's ${field} is not valid for ${kind.name}: ${problem?.detail}.`,
    { field, remedy: 'Use another version of the template.' },
  );
};
