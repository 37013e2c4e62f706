import type { TemplateProblem } from '../../../contracts/templates/template.ts';
import type { TemplateFile } from '../../../contracts/templates/template-file.ts';
import type { Person } from '../../actor.ts';
import type { TemplateKinds } from '../../ports/compute-kind.ts';
import { computeProblems } from '../evaluation/compute-problems.ts';
import { type LocatedProblem, readTemplate } from '../file/parse.ts';
import type { PathProblem } from '../file/yaml-values.ts';
import { requirePublisher } from './publisher.ts';

/** Returns all errors that prevent publishing a file as the template `name`, and warnings. */
export const lintTemplate = (
  kinds: TemplateKinds,
  person: Person,
  name: string,
  { file: text, readme }: { file: string; readme?: string | undefined },
): TemplateProblem[] => {
  requirePublisher(person, name);
  const read = readTemplate(text, name, (file) => computeProblems(file, kinds));
  if (!('file' in read)) return read.problems.map(withLevel('error'));
  const warnings = [...fileWarnings(read.file), ...(readme === undefined ? [noReadme] : [])];
  return warnings.map(read.locate).map(withLevel('warning'));
};

const withLevel =
  (level: TemplateProblem['level']) =>
  (problem: LocatedProblem): TemplateProblem => ({ level, ...problem });

const noReadme: PathProblem = {
  path: [],
  detail: 'has no README.md, which people read before they create a workspace',
};

const fileWarnings = ({ description, agent, parameters }: TemplateFile): PathProblem[] => [
  ...(description === '' ? [{ path: ['name'], detail: 'has no description, by which people choose a template' }] : []),
  ...parameters
    .filter(({ name }) => new RegExp(`\\$\\{\\{[^}]*\\bparameters\\.${name}\\b`).test(agent.startup))
    .map(({ name }) => ({
      path: ['agent', 'startup'],
      detail: `puts the value of ${name} into the script's text, where a quote in it could execute commands; use "$BERTH_PARAM_${name.toUpperCase()}"`,
    })),
];
