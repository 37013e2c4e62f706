import { mayPublishTemplates } from '../../access/policy.ts';
import type { Person } from '../../actor.ts';
import { BerthError } from '../../errors.ts';

/**
 * Throws `forbidden` unless the person may publish templates, whatever the template's name: the same response for every
 * name does not reveal which templates exist. Call it before the request is processed further.
 */
export const requirePublisher = (person: Person, name: string): void => {
  if (mayPublishTemplates(person)) return;
  throw new BerthError('forbidden', 'Only admins and template admins may publish templates. Ask one of them.', {
    field: 'template',
    refused: `template#${name}`,
  });
};
