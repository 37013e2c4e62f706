import { nameLimits, WorkspaceName } from '../../../contracts/names.ts';

/** A name that nobody has to think about: the template's, numbered when the person has one of that name already. */
export const suggestName = (template: string, taken: readonly string[]): string => {
  const base = template.slice(0, nameLimits.workspace - 3).replace(/-+$/, '');
  const unused = (name: string) => !taken.includes(name);
  if (unused(base)) return base;
  for (let number = 2; number < 100; number += 1) {
    if (unused(`${base}-${number}`)) return `${base}-${number}`;
  }
  return '';
};

/** What is wrong with a workspace's name; `undefined` when nothing is. */
export const checkName = (name: string): string | undefined => {
  if (name === '') return 'A name is required.';
  const read = WorkspaceName.safeParse(name);
  return read.success ? undefined : `${read.error.issues[0]?.message ?? 'The name is not valid'}.`;
};
