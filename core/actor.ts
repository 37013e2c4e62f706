import type { Role } from '../contracts/people.ts';

/** Who acts: a signed-in person, or Berth itself. */
export interface Person {
  id: string;
  name: string;
  groups: string[];
  roles: Role[];
  /**
   * The id of the API token that authenticated the request. Revoking it closes what it opened. Absent for a sign-in.
   */
  apiToken?: string | undefined;
}
export type Actor = Person | 'system';

/** The opaque id in audit events. */
export const actorId = (actor: Pick<Person, 'id'> | 'system'): string => (actor === 'system' ? 'system' : actor.id);

export const hasRole = (actor: Actor, ...roles: Role[]): boolean =>
  actor === 'system' || roles.some((role) => actor.roles.includes(role));
