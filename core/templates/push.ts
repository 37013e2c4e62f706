import type { Person } from '../actor.ts';
import type { Rules } from '../rules.ts';
import { computeProblems } from './compute-problems.ts';
import type { TemplateKinds } from './kinds.ts';
import { type Published, publishTemplate } from './publish.ts';
import { requirePublisher } from './publisher.ts';

/** Publishes what a person sent as the template `name`, once their right, the file and its `compute.spec` are in order. */
export const pushTemplate = async (
  rules: Pick<Rules, 'table' | 'clock'>,
  kinds: TemplateKinds,
  person: Person,
  name: string,
  { file, readme, promote }: { file: string; readme?: string | undefined; promote: boolean },
): Promise<Published> => {
  await requirePublisher(rules.table, person, name);
  const folder = { name, yaml: file, readme, source: 'template.yaml', promote };
  return publishTemplate(rules, person, folder, (parsed) => computeProblems(parsed, kinds));
};
