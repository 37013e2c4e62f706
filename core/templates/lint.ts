import type { TemplateFile } from '../../contracts/template.ts';
import type { TemplateProblem } from '../../contracts/template-checks.ts';
import type { Person } from '../actor.ts';
import type { Table } from '../ports.ts';
import { computeProblems } from './compute-problems.ts';
import type { TemplateKinds } from './kinds.ts';
import { type Problem, readTemplate } from './parse.ts';
import { requirePublisher } from './publisher.ts';
import type { PathProblem } from './yaml-values.ts';

/** Everything that keeps a file from being published as the template `name`, and what is worth a second look. */
export const lintTemplate = async (
  table: Table,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  { file: text, readme }: { file: string; readme?: string | undefined },
): Promise<TemplateProblem[]> => {
  await requirePublisher(table, person, name);
  const read = readTemplate(text, name, (file) => computeProblems(file, kinds));
  if (!('file' in read)) return read.problems.map(of('error'));
  const warnings = [...fileWarnings(read.file), ...(readme === undefined ? [noReadme] : [])];
  return warnings.map(read.locate).map(of('warning'));
};

const of =
  (level: TemplateProblem['level']) =>
  (problem: Problem): TemplateProblem => ({ level, ...problem });

const noReadme: PathProblem = {
  path: [],
  detail: 'has no README.md beside it, which people read before they create a workspace',
};

const fileWarnings = ({ description, agent, parameters }: TemplateFile): PathProblem[] => [
  ...(description === '' ? [{ path: ['name'], detail: 'has no description below it, by which people choose' }] : []),
  ...parameters
    .filter(({ name }) => new RegExp(`\\$\\{\\{[^}]*\\bparameters\\.${name}\\b`).test(agent.startup))
    .map(({ name }) => ({
      path: ['agent', 'startup'],
      detail: `puts the value of ${name} into the script's text, where a quote in it would be run; use "$BERTH_PARAM_${name.toUpperCase()}"`,
    })),
];
