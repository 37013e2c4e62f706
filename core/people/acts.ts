import { type Act, recordActs } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { type Change, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { asItWas, loadPerson, type PersonRecord, personItem } from './people.ts';

const attempts = 12;

/**
 * Records acts on a person's own chain (tokens, connections, refusals), with the changes that they are of, in one
 * transaction. Throws the `WriteConflict` of `changes` when one of theirs lost.
 */
export const recordPersonActs = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  personId: string,
  acts: readonly Act[],
  changes: readonly Change[] = [],
): Promise<PersonRecord> => {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const person = await loadPerson(table, personId);
    if (person === undefined)
      throw new BerthError('unauthenticated', 'Your account is not known to Berth. Sign in again.');
    const audit = recordActs(personId, person.audit, acts, clock());
    const written = { ...person, audit: audit.head };
    try {
      await table.write([{ put: personItem(written), when: asItWas(person) }, ...audit.changes, ...changes]);
      return written;
    } catch (error) {
      const ours = error instanceof WriteConflict && error.lost.every(({ index }) => index <= audit.changes.length);
      if (!ours) throw error;
    }
  }
  throw new BerthError('conflict', 'Too many of your requests came at once. Try again.');
};
