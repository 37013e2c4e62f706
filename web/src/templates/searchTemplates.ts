import type { Template } from '../../../contracts/templates/template.ts';

type Searched = Pick<Template, 'name' | 'displayName' | 'description'> & { deprecated?: unknown };

/** The templates that contain every word of the search, deprecated ones last. */
export const searchTemplates = <T extends Searched>(all: readonly T[], q: string): T[] => {
  const words = q.trim().toLowerCase().split(/\s+/);
  const found = all.filter(({ name, displayName, description }) => {
    const text = [name, displayName, description].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return found.sort((a, b) => Number(a.deprecated !== undefined) - Number(b.deprecated !== undefined));
};
