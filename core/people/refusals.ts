import type { Act } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { type Change, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { recordPersonActs } from './acts.ts';
import type { PersonRecord } from './people.ts';

/**
 * What the policy kept from a person is recorded on their own chain, whatever they are told. `where` says what they
 * tried: a route, or a way through the gateway. `once` goes into the record's transaction: when a condition of its does
 * not hold, the refusal is on record already.
 */
export const auditingRefusals = async <T>(
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
  details: NonNullable<Act['details']>,
  once: readonly Change[],
) => {
  const act = { action: 'access.refuse' as const, actor: person, outcome: 'failure' as const, details };
  try {
    await recordPersonActs(rules, person.id, [act], once);
  } catch (error) {
    // Thrown for `once` alone.
    if (!(error instanceof WriteConflict)) throw error;
  }
};
