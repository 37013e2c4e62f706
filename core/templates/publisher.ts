import { mayPublishTemplates, mayUseTemplate, noTemplate } from '../access.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import type { Table } from '../ports.ts';
import { loadTemplate } from './store.ts';

/**
 * Throws unless the person may publish templates: `forbidden` of a template that they may use, and `not_found` of any
 * other name, there or not. To be asked before anything that they sent is read.
 */
export const requirePublisher = async (table: Table, person: Person, name: string): Promise<void> => {
  if (mayPublishTemplates(person)) return;
  const refused = `template#${name}`;
  const template = await loadTemplate(table, name);
  if (template === undefined || !mayUseTemplate(person, template)) throw noTemplate(name, refused);
  throw new BerthError('forbidden', 'Only admins and template admins may publish templates. Ask one of them.', {
    field: 'template',
    refused,
  });
};
