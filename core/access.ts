import type { ShareWhat } from '../contracts/sharing.ts';
import { type Actor, hasRole } from './actor.ts';
import { BerthError } from './errors.ts';

/**
 * The one policy of who may do what. What names another's thing answers `not_found`, never `forbidden`, so that
 * nobody learns what exists.
 *
 * - `read`: see a workspace, its builds and logs: its owner, admins, auditors, whom all of it is shared with.
 * - `use`: terminal, exec, SSH, ports, apps; what runs with the owner's rights: its owner, whom all of it is shared with.
 * - `manage`: start, stop, delete, extend, autostart, see and revoke shares: its owner, admins.
 * - `share`: share it: its owner alone.
 */
export type WorkspaceAction = 'read' | 'use' | 'manage' | 'share';

/** What is shared with the one who asks and gives something now (`core/sharing/store.ts`); nothing for an owner. */
export type Shared = readonly { what: ShareWhat }[];

export const mayWorkspace = (
  actor: Actor,
  action: WorkspaceAction,
  workspace: { ownerId: string },
  shared: Shared = [],
): boolean => {
  if (actor === 'system') return true;
  if (actor.id === workspace.ownerId) return true;
  const isShared = shared.some(({ what }) => what.kind === 'workspace');
  if (action === 'read') return isShared || hasRole(actor, 'admin', 'auditor');
  if (action === 'use') return isShared;
  return action === 'manage' && hasRole(actor, 'admin');
};

/** Whoever may use the workspace may open every app and port of it; with others one is shared alone. */
export const mayOpen = (
  actor: Actor,
  target: Exclude<ShareWhat, { kind: 'workspace' }>,
  workspace: { ownerId: string },
  shared: Shared = [],
): boolean =>
  mayWorkspace(actor, 'use', workspace, shared) ||
  shared.some(({ what }) =>
    target.kind === 'app'
      ? what.kind === 'app' && what.app === target.app
      : what.kind === 'port' && what.port === target.port,
  );

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
    `There is no template ${quoted(name)} that you may use. Check its name with "berth template ls".`,
    { field: 'template', ...(refused === undefined ? {} : { refused }) },
  );

/** A name as it came from outside, safe and short enough to stand in a sentence. */
export const quoted = (text: string): string => `"${text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)}"`;
