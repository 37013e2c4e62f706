import { mayPublishTemplates, mayUseTemplate, noTemplate } from '../access.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import type { Table } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { type Published, publishTemplate } from './publish.ts';
import { loadTemplate } from './store.ts';

/**
 * Publishes what a person sent as the template `name`. Whoever may not is told `forbidden` of a template that they may
 * use, and `not_found` of any other name, there or not; the file is not even read then.
 */
export const pushTemplate = async (
  rules: Pick<Rules, 'table' | 'clock'>,
  person: Person,
  name: string,
  { file, readme }: { file: string; readme?: string | undefined },
): Promise<Published> => {
  if (!mayPublishTemplates(person)) throw await refusal(rules.table, person, name);
  return publishTemplate(rules, person, { name, yaml: file, readme, source: 'template.yaml' });
};

const refusal = async (table: Table, person: Person, name: string): Promise<BerthError> => {
  const refused = `template#${name}`;
  const template = await loadTemplate(table, name);
  if (template === undefined || !mayUseTemplate(person, template)) return noTemplate(name, refused);
  return new BerthError('forbidden', 'Only admins and template admins may publish templates. Ask one of them.', {
    field: 'template',
    refused,
  });
};
