import type { Me } from '../../../contracts/routes.ts';

type HasRoles = Pick<Me, 'roles'> | undefined;

/** What the portal offers by role. What is allowed, the API decides; this only hides what it would refuse. */
export const seesEveryone = (me: HasRoles): boolean =>
  me?.roles.some((role) => role === 'admin' || role === 'auditor') ?? false;
export const isAdmin = (me: HasRoles): boolean => me?.roles.includes('admin') ?? false;
export const maintainsTemplates = (me: HasRoles): boolean =>
  me?.roles.some((role) => role === 'admin' || role === 'template-admin') ?? false;
