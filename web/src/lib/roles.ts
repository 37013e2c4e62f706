import type { Me } from '../../../contracts/people.ts';

type HasRoles = Pick<Me, 'roles'> | undefined;

/** The portal only hides what the API would refuse; the API enforces permissions. */
export const seesEveryone = (me: HasRoles): boolean =>
  me?.roles.some((role) => role === 'admin' || role === 'auditor') ?? false;
/** Auditors see all workspaces first, and no invitation to create their own. */
export const isAuditorOnly = (me: HasRoles): boolean => seesEveryone(me) && !isAdmin(me);
export const isAdmin = (me: HasRoles): boolean => me?.roles.includes('admin') ?? false;
export const isTemplateMaintainer = (me: HasRoles): boolean =>
  me?.roles.some((role) => role === 'admin' || role === 'template-admin') ?? false;
