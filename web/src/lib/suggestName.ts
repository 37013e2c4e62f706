import { nameLimits } from '../../../contracts/name-limits.ts';

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
