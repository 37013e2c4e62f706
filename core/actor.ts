import type { Role } from '../contracts/routes.ts';

/** Who acts: a signed-in person, or Berth itself. */
export interface Person {
  id: string;
  name: string;
  groups: string[];
  roles: Role[];
  /** The id of the API token by which they came, with which falls what they open; absent for a sign-in. */
  apiToken?: string | undefined;
}
export type Actor = Person | 'system';

/** The opaque id that audit events carry. */
export const actorId = (actor: Actor): string => (actor === 'system' ? 'system' : actor.id);

export const hasRole = (actor: Actor, ...roles: Role[]): boolean =>
  actor === 'system' || roles.some((role) => actor.roles.includes(role));
