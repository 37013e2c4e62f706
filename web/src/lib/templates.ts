import type { Template } from '../../../contracts/routes.ts';

type Searched = Pick<Template, 'name' | 'displayName' | 'description'> & { deprecated?: unknown };

/** Those in which every word of the search is found; deprecated ones last. */
export const foundTemplates = <T extends Searched>(all: readonly T[], q: string): T[] => {
  const words = q.trim().toLowerCase().split(/\s+/);
  const found = all.filter(({ name, displayName, description }) => {
    const text = [name, displayName, description].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return found.sort((a, b) => Number(a.deprecated !== undefined) - Number(b.deprecated !== undefined));
};

/** The name that the text of a template.yaml gives it, as far as it can be read before it is checked. */
export const nameInFile = (text: string): string | undefined =>
  /^name:[ \t]*["']?([a-z][a-z0-9-]{0,39})["']?[ \t]*(?:#.*)?$/m.exec(text)?.[1];
