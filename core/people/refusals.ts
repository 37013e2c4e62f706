import { BerthError } from '../errors.ts';
import type { Rules } from '../rules.ts';
import { recordPersonActs } from './acts.ts';
import type { PersonRecord } from './people.ts';

/**
 * What the policy kept from a person is recorded on their own chain, whatever they are told. `where` says what they
 * tried: a route, or a way through the gateway.
 */
export const auditingRefusals = async <T>(
  rules: Rules,
  person: PersonRecord | undefined,
  where: string,
  attempt: () => Promise<T>,
): Promise<T> => {
  try {
    return await attempt();
  } catch (error) {
    if (person !== undefined && error instanceof BerthError && error.refused !== undefined) {
      const details = { route: where, subject: error.refused };
      await recordPersonActs(rules, person.id, [
        { action: 'access.refuse', actor: person, outcome: 'failure', details },
      ]);
    }
    throw error;
  }
};
