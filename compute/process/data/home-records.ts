import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { KnownAs, Quarantine, Run } from '../../../core/ports/compute-kind.ts';

const Mark = z.object({ since: z.string(), reason: z.string() });

/** The mark of a quarantined home; `undefined` if it is not quarantined. A damaged mark still counts as a mark. */
export const readQuarantine = (file: string): Quarantine | undefined => {
  try {
    return Mark.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      return { since: '', reason: 'Its mark is damaged.' };
    throw error;
  }
};

/** Keeps an existing mark. */
export const writeQuarantine = (file: string, mark: Quarantine): void => {
  try {
    writeFileSync(file, JSON.stringify(mark), { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

const Known = z.object({ name: z.string(), owner: z.string(), template: z.string() }).partial();

/** Empty if the file does not exist, as for a home of an older version, or is damaged. */
export const readKnownAs = (file: string): KnownAs => {
  try {
    return Known.parse(JSON.parse(readFileSync(file, 'utf8'))) as KnownAs;
  } catch (error) {
    const isUnreadable = error instanceof SyntaxError || error instanceof z.ZodError;
    if (isUnreadable || (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
};

export const writeKnownAs = (file: string, { workspace, template }: Pick<Run<unknown>, 'workspace' | 'template'>) => {
  const known: KnownAs = { name: workspace.name, owner: workspace.owner.name, template: template.name };
  writeFileSync(file, JSON.stringify(known), { mode: 0o600 });
};
