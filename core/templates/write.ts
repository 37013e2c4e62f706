import { type Act, recordActs } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { type Change, type Table, WriteConflict } from '../ports.ts';
import { type TemplateRecord, templateItem } from './record.ts';
import { loadTemplate } from './store.ts';

/** Enough for everybody who changes one template at once. */
const attempts = 12;

/** What is to be written of a template, and what is answered once it is. */
export interface Decision<T> {
  answer: T;
  /** Empty: nothing changes. */
  changes: Change[];
}

/** Decides on the template as it is, and decides anew when another was quicker. */
export const untilWritten = async <T>(
  table: Table,
  name: string,
  decide: (before: TemplateRecord | undefined) => Promise<Decision<T>>,
): Promise<T> => {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { answer, changes } = await decide(await loadTemplate(table, name));
    if (changes.length === 0) return answer;
    try {
      await table.write(changes);
      return answer;
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
    }
  }
  throw new BerthError('conflict', `The template ${name} is being changed by too many at once. Try again.`);
};

/** A template with what was done to it. Only one writer is given the act's number, so nobody's change is written over. */
export const templateChanges = (
  template: TemplateRecord,
  before: TemplateRecord | undefined,
  act: Act,
  now: Date,
): Change[] => {
  const audit = recordActs(`template#${template.name}`, template.audit, [act], now);
  const asItWas =
    before === undefined ? { absent: true as const } : { equals: { latestVersion: before.latestVersion } };
  return [{ put: templateItem({ ...template, audit: audit.head }), when: asItWas }, ...audit.changes];
};
