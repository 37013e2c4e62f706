import type { Person } from '../../actor.ts';
import type { TemplateKinds } from '../../ports/compute-kind.ts';
import type { Rules } from '../../rules.ts';
import { computeProblems } from '../evaluation/compute-problems.ts';
import { type Published, publishTemplate } from './publish.ts';
import { requirePublisher } from './publisher.ts';

/** Publishes a person's file as the template `name` after checking permission, file and `compute.spec`. */
export const pushTemplate = async (
  rules: Pick<Rules, 'table' | 'clock'>,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  { file, readme, promote }: { file: string; readme?: string | undefined; promote: boolean },
): Promise<Published> => {
  requirePublisher(person, name);
  const folder = { name, yaml: file, readme, source: 'template.yaml', promote };
  return publishTemplate(rules, person, folder, (parsed) => computeProblems(parsed, kinds));
};
