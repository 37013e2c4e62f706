import { type Act, recordActs } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { type Change, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { asItWas, loadPerson, type PersonRecord, personItem } from './people.ts';

const attempts = 12;

/** What is to become of a person, and the acts that this is. */
export interface PersonDecision {
  person: PersonRecord;
  acts: readonly Act[];
}

/**
 * Changes a person as `decide` says of them as they are now, with its acts on their own chain and with `changes`, in one
 * transaction; nothing is written when it says nothing. Decided anew when another was quicker. Throws the
 * `WriteConflict` of `changes` when one of theirs lost.
 */
export const changePerson = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  personId: string,
  decide: (person: PersonRecord) => PersonDecision | undefined,
  changes: readonly Change[] = [],
): Promise<PersonRecord> => {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const person = await loadPerson(table, personId);
    if (person === undefined)
      throw new BerthError('unauthenticated', 'Your account is not known to Berth. Sign in again.');
    const decision = decide(person);
    if (decision === undefined) return person;
    const audit = recordActs(personId, person.audit, decision.acts, clock());
    const written = { ...decision.person, audit: audit.head };
    try {
      await table.write([{ put: personItem(written), when: asItWas(person) }, ...audit.changes, ...changes]);
      return written;
    } catch (error) {
      const ours = error instanceof WriteConflict && error.lost.every(({ index }) => index <= audit.changes.length);
      if (!ours) throw error;
    }
  }
  throw new BerthError('conflict', 'Too many requests about one person came at once. Try again.');
};

/** Records acts on a person's own chain (tokens, connections, refusals), with the changes that they are of. */
export const recordPersonActs = (
  rules: Pick<Rules, 'table' | 'clock'>,
  personId: string,
  acts: readonly Act[],
  changes: readonly Change[] = [],
): Promise<PersonRecord> => changePerson(rules, personId, (person) => ({ person, acts }), changes);
