import type { SharingLimits } from '../../contracts/templates/sharing-limits.ts';
import type { App } from '../../contracts/templates/template-file.ts';
import type { ShareWhat } from '../../contracts/workspaces/sharing.ts';
import { type Actor, hasRole } from '../actor.ts';
import { BerthError } from '../errors.ts';

/**
 * The only policy of who may do what. For another person's resource the error is `not_found`, not `forbidden`, so that
 * it does not reveal what exists.
 *
 * - `read`: see a workspace, its builds and logs: its owner, admins, auditors, people the whole workspace is shared with.
 * - `use`: terminal, exec, SSH, ports, apps, all of which run with the owner's permissions: its owner, people the whole
 *   workspace is shared with.
 * - `review`: see its shares: its owner, admins, auditors.
 * - `manage`: start, stop, delete, extend, set autostart, revoke shares: its owner, admins.
 * - `share`: share it: its owner only.
 */
export type WorkspaceAction = 'read' | 'use' | 'review' | 'manage' | 'share';

/** The fields of a workspace that decide about access. A workspace's record has them all. */
export interface AccessedWorkspace {
  id: string;
  name: string;
  ownerId: string;
  apps: readonly Pick<App, 'name' | 'port'>[];
  browserOnly?: boolean | undefined;
  sharing?: SharingLimits | undefined;
}

/** The active shares of a workspace that concern the actor (see `activeSharesFor`). Empty for its owner. */
export type ActiveShares = readonly { what: ShareWhat }[];

export const mayAccessWorkspace = (
  actor: Actor,
  action: WorkspaceAction,
  workspace: { ownerId: string },
  shares: ActiveShares = [],
): boolean => {
  if (actor === 'system') return true;
  if (actor.id === workspace.ownerId) return true;
  const isShared = shares.some(({ what }) => what.kind === 'workspace');
  if (action === 'read') return isShared || hasRole(actor, 'admin', 'auditor');
  if (action === 'use') return isShared;
  if (action === 'review') return hasRole(actor, 'admin', 'auditor');
  return action === 'manage' && hasRole(actor, 'admin');
};

/**
 * People who may use the whole workspace may open each of its apps and ports; others need a share of that app or port.
 */
export const mayOpenTarget = (
  actor: Actor,
  target: Exclude<ShareWhat, { kind: 'workspace' }>,
  workspace: { ownerId: string },
  shares: ActiveShares = [],
): boolean =>
  mayAccessWorkspace(actor, 'use', workspace, shares) ||
  shares.some(({ what }) =>
    target.kind === 'app'
      ? what.kind === 'app' && what.app === target.app
      : what.kind === 'port' && what.port === target.port,
  );

export const mayListEveryone = (actor: Actor): boolean => hasRole(actor, 'admin', 'auditor');

/**
 * - `read`: see a person and whether they are active: themselves, admins, auditors.
 * - `manage`: deactivate and activate a person, see their e-mail address: admins.
 */
export type PersonAction = 'read' | 'manage';

export const mayAccessPerson = (actor: Actor, action: PersonAction, person: { id: string }): boolean => {
  if (hasRole(actor, 'admin')) return true;
  return action === 'read' && (hasRole(actor, 'auditor') || (actor !== 'system' && actor.id === person.id));
};

export const mayUseTemplate = (actor: Actor, template: { groups?: string[] | undefined }): boolean => {
  if (actor === 'system' || template.groups === undefined) return true;
  if (hasRole(actor, 'admin', 'template-admin')) return true;
  return template.groups.some((group) => actor.groups.includes(group));
};

export const mayPublishTemplates = (actor: Actor): boolean => hasRole(actor, 'admin', 'template-admin');

export const workspaceNotFound = (reference: string, refused?: string): BerthError =>
  new BerthError(
    'not_found',
    `There is no workspace ${quoted(reference)} that you may see. Check its name with "berth ls".`,
    refused === undefined ? {} : { refused },
  );

export const personNotFound = (reference: string, refused?: string): BerthError =>
  new BerthError(
    'not_found',
    `There is no person ${quoted(reference)} that you may see. Admins and auditors find everyone who ever signed in with "berth people ls".`,
    refused === undefined ? {} : { refused },
  );

export const templateNotFound = (name: string, refused?: string): BerthError =>
  new BerthError(
    'not_found',
    `There is no template ${quoted(name)} that you may use. Check its name with "berth template ls".`,
    { field: 'template', ...(refused === undefined ? {} : { refused }) },
  );

/** A name from outside, made safe and short enough to quote in a message. */
export const quoted = (text: string): string => `"${text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)}"`;
