import { type Actor, hasRole } from './actor.ts';
import { BerthError } from './errors.ts';

/**
 * The one policy of who may do what. What names another's thing answers `not_found`, never `forbidden`, so that
 * nobody learns what exists.
 *
 * - `read`: see a workspace, its builds and logs: its owner, admins, auditors.
 * - `manage`: start, stop, delete, extend, autostart: its owner, admins.
 * - `use`: terminal, exec, apps; what runs with the owner's rights: its owner alone.
 */
export type WorkspaceAction = 'read' | 'manage' | 'use';

export const mayWorkspace = (actor: Actor, action: WorkspaceAction, workspace: { ownerId: string }): boolean => {
  if (actor === 'system') return true;
  if (actor.id === workspace.ownerId) return true;
  if (action === 'read') return hasRole(actor, 'admin', 'auditor');
  if (action === 'manage') return hasRole(actor, 'admin');
  return false;
};

export const mayListEveryone = (actor: Actor): boolean => hasRole(actor, 'admin', 'auditor');

/**
 * - `read`: see a person and that they are active: themselves, admins, auditors.
 * - `manage`: deactivate and activate them, see their e-mail: admins.
 */
export type PersonAction = 'read' | 'manage';

export const mayPerson = (actor: Actor, action: PersonAction, person: { id: string }): boolean => {
  if (hasRole(actor, 'admin')) return true;
  return action === 'read' && (hasRole(actor, 'auditor') || (actor !== 'system' && actor.id === person.id));
};

export const mayUseTemplate = (actor: Actor, template: { groups?: string[] | undefined }): boolean => {
  if (actor === 'system' || template.groups === undefined) return true;
  if (hasRole(actor, 'admin', 'template-admin')) return true;
  return template.groups.some((group) => actor.groups.includes(group));
};

export const mayPublishTemplates = (actor: Actor): boolean => hasRole(actor, 'admin', 'template-admin');

export const noWorkspace = (reference: string, refused?: string): BerthError =>
  new BerthError(
    'not_found',
    `There is no workspace ${quoted(reference)} that you may see. Check its name with "berth ls".`,
    refused === undefined ? {} : { refused },
  );

export const noPerson = (reference: string, refused?: string): BerthError =>
  new BerthError(
    'not_found',
    `There is no person ${quoted(reference)} that you may see. Admins and auditors find the names of all who ever signed in with "berth people ls".`,
    refused === undefined ? {} : { refused },
  );

export const noTemplate = (name: string, refused?: string): BerthError =>
  new BerthError(
    'not_found',
    `There is no template ${quoted(name)} that you may use. Check its name with "berth templates".`,
    { field: 'template', ...(refused === undefined ? {} : { refused }) },
  );

/** A name as it came from outside, safe and short enough to stand in a sentence. */
export const quoted = (text: string): string => `"${text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)}"`;
