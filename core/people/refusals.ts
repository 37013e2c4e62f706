import type { NewAuditEvent } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import { type Change, WriteConflict } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import type { PersonRecord } from './person-record.ts';
import { recordPersonEvents } from './update-person.ts';

/**
 * Records what the policy refused to a person on their own audit chain. `where` is what they tried: a route, or `app`
 * or `session` through the gateway. `once` goes into the same transaction: when one of its conditions does not hold,
 * the refusal was recorded before.
 */
export const auditRefusals = async <T>(
  rules: Rules,
  person: PersonRecord,
  where: string,
  attempt: () => Promise<T>,
  once: readonly Change[] = [],
): Promise<T> => {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof BerthError && error.refused !== undefined) {
      await record(rules, person, { route: where, subject: error.refused }, once);
    }
    throw error;
  }
};

const record = async (
  rules: Rules,
  person: PersonRecord,
  details: NonNullable<NewAuditEvent['details']>,
  once: readonly Change[],
) => {
  const auditEvent = { action: 'access.refuse' as const, actor: person, outcome: 'failure' as const, details };
  try {
    await recordPersonEvents(rules, person.id, [auditEvent], once);
  } catch (error) {
    // Thrown for `once` alone.
    if (!(error instanceof WriteConflict)) throw error;
  }
};
