import type { Parameter } from '../../../contracts/templates/parameters.ts';
import { nameLimits } from '../../../contracts/values/name-limits.ts';

/** Whether a workspace can be created without asking the person for any parameter. */
export const hasAllDefaults = (definitions: readonly Parameter[]): boolean =>
  definitions.every((definition) => definition.default !== undefined);

/** The template's name, with a number if the person already has a workspace with that name. */
export const suggestName = (template: string, taken: readonly string[]): string => {
  const base = template.slice(0, nameLimits.workspace - 3).replace(/-+$/, '');
  const isFree = (name: string) => !taken.includes(name);
  if (isFree(base)) return base;
  for (let number = 2; number < 100; number += 1) {
    if (isFree(`${base}-${number}`)) return `${base}-${number}`;
  }
  return '';
};
