import { type NewAuditEvent, recordAuditEvents } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import type { Change } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { type Update, updateWithRetry } from '../table/update-with-retry.ts';
import { loadPerson, type PersonRecord, personItem, unchangedPerson } from './person-record.ts';

/** A changed person, and the audit events of the change. */
export interface PersonUpdate {
  person: PersonRecord;
  auditEvents: readonly NewAuditEvent[];
}

/**
 * Updates a person. `decide` gets their current state (`undefined`: nothing to change) and is called again when another
 * writer was faster. The audit events go on the person's own chain, in one transaction with `changes`. Throws the
 * `WriteConflict` when a condition of `changes` is not met.
 */
export const changePerson = async (
  { table, clock }: Pick<Rules, 'table' | 'clock'>,
  personId: string,
  decide: (person: PersonRecord) => PersonUpdate | undefined,
  changes: readonly Change[] = [],
): Promise<PersonRecord> => {
  const decideOn = (person: PersonRecord | undefined): Update<PersonRecord> => {
    if (person === undefined)
      throw new BerthError('unauthenticated', 'Berth does not know your account. Sign in again.');
    const update = decide(person);
    if (update === undefined) return { result: person, changes: [] };
    const audit = recordAuditEvents(personId, person.audit, update.auditEvents, clock());
    const result = { ...update.person, audit: audit.head };
    const own: Change[] = [{ put: personItem(result), when: unchangedPerson(person) }, ...audit.changes];
    return { result, changes: [...own, ...changes], contended: own.length };
  };
  const busy = () => 'Too many requests about one person arrived at the same time. Try again.';
  return updateWithRetry(table, () => loadPerson(table, personId), decideOn, { busy });
};

/** Records events on a person's own audit chain (tokens, connections, refusals), in one transaction with `changes`. */
export const recordPersonEvents = (
  rules: Pick<Rules, 'table' | 'clock'>,
  personId: string,
  auditEvents: readonly NewAuditEvent[],
  changes: readonly Change[] = [],
): Promise<PersonRecord> => changePerson(rules, personId, (person) => ({ person, auditEvents }), changes);
