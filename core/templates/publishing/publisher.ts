import { mayPublishTemplates } from '../../access/policy.ts';
import type { Person } from '../../actor.ts';
import { BerthError } from '../../errors.ts';

/**
 * Throws `forbidden` unless the person may publish templates, whatever the template's name: the same response for every
 * name tells nobody which templates exist. Call it before anything that the person sent is read.
 */
export const requirePublisher = (person: Person, name: string): void => {
  if (mayPublishTemplates(person)) return;
  throw new BerthError('forbidden', 'Only admins and template admins may publish templates. Ask one of them.', {
    field: 'template',
    refused: `template#${name}`,
  });
};
